#!/usr/bin/env bash
# What Debian 12 needs to build and test this: compiler and webview, a screen without a screen, a browser,
# Chinese fonts, and the tools the tests and benchmarks measure against.
set -eu
packages=(
    build-essential pkg-config ca-certificates curl
    libwebkit2gtk-4.1-dev libxdo-dev libssl-dev
    xvfb xauth imagemagick chromium chromium-driver fonts-noto-cjk
    libvips-tools libimage-exiftool-perl poppler-utils python3-venv
)
# Node.js may come from elsewhere, with npm in its own package; Debian's would then not install beside it.
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)

"$(dirname "$0")/packages.sh" "${packages[@]}"

command -v cargo >/dev/null || { echo "cargo is missing: install Rust 1.90 or newer (https://rustup.rs)" >&2; exit 1; }
for tool in clippy rustfmt; do
    cargo "${tool/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$tool"
done
