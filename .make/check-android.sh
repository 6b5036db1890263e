#!/usr/bin/env bash
# Type-checks the phone's half for aarch64 Android without an Android SDK: Debian's compiler builds the
# standard library for the target itself, Debian's arm64 OpenSSL gives SQLCipher its headers. It finds what
# does not compile there; it does not link, and says nothing about how the app behaves on a device.
set -eu
cd "$(dirname "$0")/.."

target=aarch64-linux-android
own=${XIEGUAN_ANDROID_TARGET:-${CARGO_TARGET_DIR:-target}/check-android}
mkdir -p "$own"
own=$(cd "$own" && pwd)

.make/packages.sh rustc-web cargo-web rust-web-src gcc-aarch64-linux-gnu libc6-dev-arm64-cross

# The arm64 packages are unpacked beside the build, never installed; apt gets lists of its own so that the
# machine does not have to learn a second architecture.
openssl=$own/openssl
if [ ! -e "$openssl/include/openssl/opensslconf.h" ]; then
    apt=$own/apt
    rm -rf "$apt" "$openssl"
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/deb" "$apt/root" "$openssl/lib"
    : >"$apt/status"
    options=(-qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$apt/state"
        -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)")
    apt-get "${options[@]}" update
    (cd "$apt/deb" && apt-get "${options[@]}" download libssl-dev libssl3)
    for package in "$apt"/deb/*.deb; do dpkg -x "$package" "$apt/root"; done
    cp "$apt"/root/usr/lib/aarch64-linux-gnu/lib{crypto,ssl}.* "$openssl/lib/"
    cp -r "$apt/root/usr/include" "$openssl/include"
    cp "$openssl/include/aarch64-linux-gnu/openssl/"* "$openssl/include/openssl/"
    rm -rf "$apt"
fi

mkdir -p "$own/kotlin"
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$own/target"
export CC_aarch64_linux_android=aarch64-linux-gnu-gcc AR_aarch64_linux_android=aarch64-linux-gnu-ar
export OPENSSL_NO_VENDOR=1 OPENSSL_DIR="$openssl"
export WRY_ANDROID_PACKAGE=dev.dioxus.main WRY_ANDROID_LIBRARY=main WRY_ANDROID_KOTLIN_FILES_OUT_DIR="$own/kotlin"
unset RUSTUP_TOOLCHAIN RUSTC_WRAPPER RUSTFLAGS CARGO_ENCODED_RUSTFLAGS

# Nothing compiled here runs, the macros apart: optimising them costs more than it saves.
exec /usr/bin/cargo check --locked --lib --bin xieguan --features mobile \
    --config 'profile.dev.package."*".opt-level=0' --config 'profile.dev.debug=false' \
    -Zbuild-std=std,panic_abort --target "$target"
