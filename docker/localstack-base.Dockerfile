# A stand-in for LocalStack's published image where none can be pulled: docker/base-images.sh builds it.
# It has in common with it: the virtual environment's place, that it listens for the network of its container, curl.
ARG BASE_IMAGE=python:3.13-slim-bookworm
FROM ${BASE_IMAGE}
ARG PACKAGES
ARG PIP_INDEX_URL=
WORKDIR /opt/code/localstack
# The packages come as one list, each with its version, from lab_env/engine/localstack_home.py.
# hadolint ignore=SC2086
RUN python -m venv .venv && .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check ${PACKAGES}
ENV GATEWAY_LISTEN=0.0.0.0:4566 PYTHONUNBUFFERED=1
EXPOSE 4566
VOLUME /var/lib/localstack
CMD ["/opt/code/localstack/.venv/bin/python", "-m", "localstack.runtime.main"]
