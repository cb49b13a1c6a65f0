# Two stages: everything is installed in the first; the second starts from nothing and gets only what runs.
# The digest is that of the multi-platform index; docs/image.md says where it comes from and how to move it.

FROM python:3.11-slim-bookworm@sha256:fe556eaffd0d96abd8685b83bb8a69addd0dc730fa193669a7df0d49ddcfac02 AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python3 -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.lock \
    && python3 -m venv --without-pip /opt/genai-sidecar \
    && /opt/build/bin/pip --python /opt/genai-sidecar/bin/python install \
        --require-hashes --only-binary :all: --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY processors processors
COPY sidecar sidecar
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /opt/build/dist . \
    && /opt/build/bin/pip --python /opt/genai-sidecar/bin/python install --no-deps --no-index /opt/build/dist/*.whl
COPY image/rootfs.py image/rootfs.py
RUN python3 image/rootfs.py /opt/genai-sidecar /rootfs && mkdir /data

FROM scratch
COPY --from=build /rootfs /
COPY --from=build --chown=65532:65532 --chmod=700 /data /var/lib/genai-sidecar
ENV PATH=/opt/genai-sidecar/bin LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
LABEL org.opencontainers.image.title="otel-genai-sidecar" \
    org.opencontainers.image.description="An OTLP sidecar for LLM apps" \
    org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
EXPOSE 4317 4318 8888
STOPSIGNAL SIGTERM
ENTRYPOINT ["genai-sidecar"]
CMD ["run"]
