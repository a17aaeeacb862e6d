# shellcheck shell=bash
# Sourced by bench/compare and bench/jmh: builds the module and says how to start what is in it.

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
# shellcheck source=../.mvn/jdk.sh
source "$root/.mvn/jdk.sh"

# Always by Maven, which knows best what is stale; what it says is for failures only.
build_bench() {
  local log
  jdk=$(find_jdk)
  log=$(mktemp)
  echo "building the benchmarks ..." >&2
  if ! (cd "$root" && JAVA_HOME=$jdk mvn -B -ntp -Pbench -pl bench -am -Dmaven.test.skip=true \
    -Dspotless.apply.skip=true package </dev/null >"$log" 2>&1); then
    grep -m 6 -E '^\[(ERROR|WARNING)\] .' "$log" >&2 || tail -n 10 "$log" >&2
    echo "the benchmarks do not build: all of Maven's output is in $log" >&2
    return 1
  fi
  rm -f "$log"
}

# As the launcher starts the service, with room that does not grow for the largest matrix, of which the
# young part is not the kernel's fresh pages run after run, and no logging: stdout is for answers.
java_bench=(--add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED
  -XX:+UseCompactObjectHeaders -XX:+UseTransparentHugePages
  -Dslf4j.internal.verbosity=ERROR -Xms8g -Xmx8g -Xmn256m -cp "$root/bench/target/bench-lib/*")
