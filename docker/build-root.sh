#!/usr/bin/env bash
# What the image holds beside Debian, put under a root: /opt/sinkwatch, with the part of the JDK that it
# needs and an archive of loaded classes so that it starts fast. What was there before is replaced.
#
#   build-root.sh ROOT JDK LIB
#
# ROOT is / in the Dockerfile, or any Debian root that can be changed into. JDK is the home of a JDK 25,
# LIB the directory of jars that the build makes (dashboard/target/sinkwatch-lib). The archive knows its
# jars by path and time, so it is made by running from where they will be run from.
set -euo pipefail

if (($# != 3)); then
  sed -n '5s/^# *//p' "$0" >&2
  exit 1
fi
root=${1%/} jdk=$2 lib=$3
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)

# What the classes of monitor, publish, check and demo load, Kafka with SASL and TLS included. Log4j cannot do
# without java.desktop's beans; its libraries for screens and fonts are left out.
modules=java.base,java.desktop,java.logging,java.management,java.naming,java.security.jgss,java.security.sasl
modules+=,java.xml,jdk.incubator.vector,jdk.management,jdk.net,jdk.unsupported

refuse() {
  echo "build-root.sh: $1" >&2
  exit 1
}

[[ -n $jdk && -x $jdk/bin/jlink ]] || refuse "no JDK: '$jdk' has no bin/jlink"
[[ $(readlink -f "$jdk")/ != "$(readlink -m "$root/opt/sinkwatch")"/* ]] \
  || refuse "the JDK $jdk is within $root/opt/sinkwatch, which is replaced"
compgen -G "$lib/*.jar" >/dev/null || refuse "no jars in '$lib': build first, with ./sinkwatch --version"
[[ $(readlink -f "$lib")/ != "$(readlink -m "$root/opt/sinkwatch")"/* ]] \
  || refuse "the jars of $lib are within $root/opt/sinkwatch, which is replaced"

rm -rf "$root/opt/sinkwatch"
mkdir -p "$root/opt/sinkwatch/lib"
"$jdk/bin/jlink" --output "$root/opt/sinkwatch/java" --add-modules "$modules" \
  --strip-debug --no-header-files --no-man-pages --compress zip-6 \
  --exclude-files '/java.desktop/lib/**,/java.desktop/legal/**'
install -m 644 -p "$lib"/*.jar "$root/opt/sinkwatch/lib/"
install -m 755 -p "$here/sinkwatch" "$here/healthy" "$root/opt/sinkwatch/"

# Every jar by name: an archive does not hold for a path with another sequence.
(cd "$root/opt/sinkwatch/lib" && printf '/opt/sinkwatch/lib/%s\n' *.jar | paste -sd: >../classpath)

# The JVM finds its libraries through /proc; the mount goes with the process.
# shellcheck disable=SC2016  # it expands in there
inside='mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
enter=()
[[ -z $root ]] || enter=(unshare --mount --propagation private bash -c "$inside" "$root")

# A demo brings a broker and a training run; a monitor beside it, with canaries, does all that a monitor does until
# a scrape shows verdicts. Then it is told to stop, as a container is, and writes the archive.
# shellcheck disable=SC2016  # it expands in there
"${enter[@]}" bash -euc '
  said=$(mktemp -d)
  trap "kill \$(jobs -p) 2>/dev/null; wait; rm -rf $said" EXIT

  awaited() { # what a line of a file begins with, and what is behind that
    for _ in {1..600}; do
      sed -n "s|^$2||p" "$said/$1" | grep -m 1 . && return
      sleep 0.2
    done
    cat "$said"/* >&2
    exit 1
  }

  /opt/sinkwatch/sinkwatch demo --listen 127.0.0.1:0 --pace 200 >"$said/demo" 2>&1 &
  brokers=$(awaited demo "broker *")
  SINKWATCH_JAVA_OPTS="-XX:AOTCacheOutput=/opt/sinkwatch/classes.aot -Xlog:aot=off" \
    /opt/sinkwatch/sinkwatch monitor --bootstrap-servers "$brokers" --group image --canary \
    --listen 127.0.0.1:0 >"$said/monitor" 2>&1 &
  monitor=$!
  door=$(awaited monitor "page *http://")
  for _ in {1..600}; do
    exec {scrape}<>"/dev/tcp/${door/://}"
    printf "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n" >&"$scrape"
    cat <&"$scrape" >"$said/scrape"
    exec {scrape}>&-
    if grep -q "^sinkwatch_network_operators" "$said/scrape" \
      && grep -q "^sinkwatch_canary_answered_total.* [1-9]" "$said/scrape"; then
      kill "$monitor"
      wait "$monitor" || true
      [[ -s /opt/sinkwatch/classes.aot ]] && exit 0
    fi
    sleep 0.2
  done
  cat "$said"/{demo,monitor} >&2
  echo "no archive of classes was made" >&2
  exit 1
'
