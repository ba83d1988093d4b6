# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debian packages for the guest: which, from where, and unpacked into the
# build directory. Sourced by build-image, build-module and build-kernel, which
# say what becomes of them.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(cd "$here/../.." && pwd)
arch=${ARCH:-x86_64}
build=${BUILD:-$root/build}
# one image beside the others has a directory of its own
out=$build/guest/${GUEST_IMAGE:-$arch}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/memfab/guest

say() { echo "guest: $*"; }
die() { echo "guest: $*" >&2; exit 1; }

case $arch in
x86_64) debarch=amd64 cross=x86_64-linux-gnu- ;;
aarch64) debarch=arm64 cross=aarch64-linux-gnu- ;;
*) die "ARCH=$arch is not supported; use x86_64 or aarch64" ;;
esac

# The kernel comes from where the machine's own compiler comes from, so that
# modules can be built for it.
kernel_suite() {
    # shellcheck source=/dev/null
    case $(. /etc/os-release 2>/dev/null; echo "${VERSION_CODENAME-}") in
    bookworm) echo bookworm,bookworm-backports ;;
    *) echo trixie ;;
    esac
}
tools_suite=${SUITE:-trixie}
kernel_suite=${KERNEL_SUITE:-${SUITE:-$(kernel_suite)}}

# entries FILE: its lines without comments; "-" is standard input
entries() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1"; }

# need PROGRAM:PACKAGE...
need() {
    local tool package missing=
    for tool in "$@"; do
        package=${tool#*:} tool=${tool%%:*}
        command -v "$tool" >/dev/null ||
            [ -x "/sbin/$tool" ] || missing+=" $package"
    done
    [ -z "$missing" ] || die "missing packages; apt-get install$missing"
}

compiler() {
    if [ "$(uname -m)" = "$arch" ]; then
        echo "${CC:-gcc}"
    else
        echo "${cross}gcc"
    fi
}

# What to install for a missing compiler
compiler_package() {
    if [ "$(uname -m)" = "$arch" ]; then
        echo gcc
    else
        cross=${cross%-}
        echo "gcc-${cross//_/-} libc6-dev-$debarch-cross"
    fi
}

# apt SUITE COMMAND...
apt() {
    local suite=$1
    shift
    "$root/scripts/apt-private" -a "$debarch" -s "$suite" \
        "$build/apt/guest-${suite//,/-}-$arch" "$@"
}

# installs SUITES PACKAGE...: these packages, from the last of the suites, and
# all that they depend on
installs() {
    local suite=$1
    shift
    apt "$suite" apt-get -s -t "${suite##*,}" install "$@" 2>/dev/null |
        sed -nE 's/^Inst ([^ ]+) .*/\1/p'
}

# The kernel that the meta package stands for today, with its modules and the
# lists of what is built in where these are packages of their own
kernel_packages() {
    installs "$kernel_suite" "linux-image-$debarch" |
        grep -E '^linux-((image|binary|modules)-|base-[0-9])' |
        grep -vx "linux-image-$debarch"
}

# The file that lists tools also says when they must be downloaded anew.
tools_list() {
    cat "$here/image/packages"
    # UEFI older than 2024.11 calls its flash memory, which is of no NUMA
    # node, and then Linux knows no nodes: the machine's own may be too old.
    [ "$arch" != aarch64 ] || echo qemu-efi-aarch64
}

tools_packages() {
    # shellcheck disable=SC2046 # a list of names
    installs "$tools_suite" $(tools_list | entries -)
}

# download KIND SUITE KEY: the packages that KIND_packages names are put into
# $debs, from the network only if they, or KEY, are new
download() {
    local kind=$1 suite=$2 key=$3 dir names
    dir=$cache/$kind-${suite//,/-}-$debarch
    debs=$dir/debs
    mkdir -p "$dir"
    # the cache is one for all working copies of this user
    exec 7>"$dir/lock"
    flock -n 7 || {
        say "another working copy is downloading the $kind; waiting for it"
        flock 7
    }
    if [ -s "$dir/complete" ] && [ "$(cat "$dir/key")" = "$key" ] &&
        [ -z "${refresh-}" ]; then
        exec 7>&-
        return 0
    fi
    say "looking up the packages of the $kind in Debian $suite ($debarch)"
    [ -z "${refresh-}" ] ||
        rm -f "$build/apt/guest-${suite//,/-}-$arch/updated"
    apt "$suite" config >/dev/null || exit 1    # it has said why
    names=$("${kind}_packages") ||
        die "Debian $suite lacks packages that the $kind needs"
    say "downloading $(wc -w <<<"$names") packages into $dir"
    rm -rf "$dir/new"
    mkdir "$dir/new"
    # shellcheck disable=SC2086 # a list of names
    (cd "$dir/new" &&
        apt "$suite" apt-get -qq -t "${suite##*,}" download $names >"$dir/log" 2>&1) ||
        die "download failed: $(grep -m1 '^E:' "$dir/log" ||
            tail -n 1 "$dir/log")"
    rm -rf "$debs" "$dir/complete"
    mv "$dir/new" "$debs"
    echo "$key" >"$dir/key"
    (cd "$debs" && ls ./*.deb) >"$dir/complete"
    exec 7>&-
}

# unpack KIND: what was downloaded last, into $out/KIND, once
unpack() {
    local kind=$1 deb
    if cmp -s "$debs/../complete" "$out/$kind.debs"; then
        return 0
    fi
    say "unpacking the $kind"
    rm -rf "${out:?}/$kind" "$out/$kind.debs"
    mkdir -p "$out/$kind"
    for deb in "$debs"/*.deb; do
        dpkg-deb -x "$deb" "$out/$kind" || {
            rm -f "$debs/../complete"
            die "$(basename "$deb") is damaged; run again to download it"
        }
    done
    cp "$debs/../complete" "$out/$kind.debs"
}
