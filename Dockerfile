# Builds the service as an image. The build needs the package registry; nothing is downloaded at run time.
#   docker build -t skillcred .
#   docker run --read-only --tmpfs /tmp -v skillcred-data:/data -p 8000:8000 \
#     -v /path/to/passphrase:/run/secrets/keystore-passphrase:ro … skillcred
# docs/operations.md says which settings are needed.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
COPY requirements requirements
# The build back end at the version that requirements/dev.txt pins, with its hashes.
RUN python -m venv /opt/tools && python -m venv --without-pip /opt/skillcred
RUN /opt/tools/bin/pip install --require-hashes --no-deps -r requirements/build.txt
RUN /opt/tools/bin/pip --python /opt/skillcred install --require-hashes --no-deps -r requirements/runtime.txt
COPY . .
RUN /opt/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/tools/bin/pip --python /opt/skillcred install --no-deps dist/skillcred-*.whl \
    && /opt/skillcred/bin/python -m compileall -q /opt/skillcred

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin skillcred \
    && install -d -o skillcred -g skillcred -m 0700 /data
COPY --from=build /opt/skillcred /opt/skillcred
ENV PATH=/opt/skillcred/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["skillcred"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
