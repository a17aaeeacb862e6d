"""Where the monitor listens and who we are to it: arguments first, then the environment."""

from __future__ import annotations

import base64
import os
import ssl
from dataclasses import dataclass, field
from typing import Any, Optional, Tuple
from urllib.parse import unquote, urlsplit

from .document import whole_number

DEFAULT_URL = "http://127.0.0.1:8321"


class SettingError(ValueError):
    """A setting that cannot be used; ``environment`` tells whether it came from a variable."""

    def __init__(self, line: str, environment: bool) -> None:
        super().__init__(line)
        self.environment = environment


@dataclass(frozen=True)
class Endpoint:
    """A monitor's door. What is secret is in no representation of it."""

    scheme: str
    host: str
    port: int
    path: str
    prefix: str
    authorization: Optional[str] = field(default=None, repr=False)
    tls: Optional[ssl.SSLContext] = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        if self.scheme == "unix":
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.prefix}"


def disabled() -> bool:
    """Whether SINKWATCH_DISABLED says that nothing is to be done."""
    return os.environ.get("SINKWATCH_DISABLED", "").strip().lower() not in ("", "0", "false", "no")


def setting(given: Optional[str], variable: str) -> Tuple[Optional[str], bool]:
    """A setting's value and whether it comes from the environment; an empty variable is none."""
    if given is not None:
        return given, False
    value = os.environ.get(variable) or None
    return value, value is not None


def attempt_number(given: Optional[int]) -> int:
    """The attempt that is given, else that of SINKWATCH_ATTEMPT, else 0; raises SettingError."""
    count: Any = given
    if given is None:
        text = os.environ.get("SINKWATCH_ATTEMPT") or "0"
        if not text.isascii() or not text.isdigit():
            raise SettingError(f"SINKWATCH_ATTEMPT {text!r}: a whole number is expected", True)
        count = text
    try:
        return whole_number(int(count) if given is None else count, "attempt", 0, 2**31 - 1)
    except ValueError as e:
        raise SettingError(str(e), given is None) from None


def endpoint(
    url: Optional[str] = None,
    user: Optional[str] = None,
    password: Optional[str] = None,
    ca: Optional[str] = None,
    certificate: Optional[str] = None,
    key: Optional[str] = None,
) -> Endpoint:
    """Puts together what the arguments, else the variables SINKWATCH_URL, _USER, _PASSWORD, _CA,
    _CERTIFICATE and _KEY say; raises SettingError."""
    where, from_environment = setting(url, "SINKWATCH_URL")
    where = where or DEFAULT_URL
    what = "SINKWATCH_URL" if from_environment else "url"
    scheme, host, port, path, prefix = _parsed(where, what, from_environment)
    name, name_environment = setting(user, "SINKWATCH_USER")
    word, word_environment = setting(password, "SINKWATCH_PASSWORD")
    if (name is None) != (word is None):
        raise SettingError(
            "a user and a password are needed, not one of them alone",
            name_environment or word_environment,
        )
    authorization = None
    if name is not None and word is not None:
        if ":" in name:
            raise SettingError("a user's name has no colon", name_environment)
        authorization = "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()
    return Endpoint(
        scheme, host, port, path, prefix, authorization, _tls(scheme, ca, certificate, key)
    )


def _parsed(url: str, what: str, environment: bool) -> Tuple[str, str, int, str, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingError(f"{what} is no URL", environment) from None
    if parts.username or parts.password:  # not shown: it holds a password
        raise SettingError(f"{what} holds a user: say user and password apart", environment)
    if parts.scheme in ("unix", "http+unix"):
        path = unquote(parts.netloc + parts.path)
        if not path.startswith("/"):
            raise SettingError(f"{what} {url!r}: unix:/PATH/OF/SOCKET is expected", environment)
        return "unix", "localhost", 0, "/" + path.lstrip("/"), ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingError(
            f"{what} {url!r}: http://HOST:PORT, https://HOST:PORT or unix:/PATH is expected",
            environment,
        )
    if parts.query or parts.fragment:
        raise SettingError(f"{what} {url!r}: a URL without ? and # is expected", environment)
    fallback = 443 if parts.scheme == "https" else 80
    return parts.scheme, parts.hostname, port or fallback, "", parts.path.rstrip("/")


def _tls(
    scheme: str, ca: Optional[str], certificate: Optional[str], key: Optional[str]
) -> Optional[ssl.SSLContext]:
    if scheme != "https":
        return None
    authority, ca_environment = setting(ca, "SINKWATCH_CA")
    shown, shown_environment = setting(certificate, "SINKWATCH_CERTIFICATE")
    secret, _ = setting(key, "SINKWATCH_KEY")
    try:
        context = ssl.create_default_context(cafile=authority)
    except (OSError, ValueError) as e:  # ssl.SSLError is an OSError
        raise SettingError(f"{authority} cannot be used as CA: {_why(e)}", ca_environment) from None
    if shown is not None:
        try:
            # an encrypted key would ask on the terminal
            context.load_cert_chain(shown, secret, password=lambda: "")
        except (OSError, ValueError) as e:
            line = f"{shown} cannot be used as certificate: {_why(e)}"
            raise SettingError(line, shown_environment) from None
    return context


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
