#!/bin/sh
# Makes base images out of Debian's packages and PyPI's, for machines that can pull none, and prints the settings that use them:
#
#   eval "$(docker/base-images.sh)"     # as root, with Docker and debootstrap; in a checkout that `make setup` was run in
#
# secrets-lab-base:local        Debian with Python 3.13, in the place of python:3.12-slim-bookworm
# secrets-lab-localstack-base:local
#                               LocalStack's packages as the host mode installs them, in the place of localstack/localstack:
#                               the same program at the same place, not the published image
set -eu
cd "$(dirname "$0")/.."
suite=${DEBIAN_SUITE:-trixie}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

{
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates,curl "$suite" "$work/root" "$mirror"
  ln -s python3 "$work/root/usr/bin/python"
  rm -rf "$work/root/var/cache/apt/archives" "$work/root/var/lib/apt/lists"
  # Whom this machine trusts, the image trusts: a package index may be reached through a proxy with a certificate of its own.
  cp /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/ca-certificates.crt"
  tar -C "$work/root" --numeric-owner -c . | docker import --change 'ENV LANG=C.UTF-8' - secrets-lab-base:local
  docker build -f docker/localstack-base.Dockerfile -t secrets-lab-localstack-base:local \
    --build-arg BASE_IMAGE=secrets-lab-base:local \
    --build-arg PACKAGES="$(.venv/bin/python -c 'from lab_env.engine.localstack_home import PINS; print(*PINS)')" \
    --build-arg PIP_INDEX_URL="${PIP_INDEX_URL:-}" docker
} >&2

echo "export LAB_BASE_IMAGE=secrets-lab-base:local LOCALSTACK_IMAGE=secrets-lab-localstack-base:local"
