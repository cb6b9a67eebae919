# onmodel on the CPU: the embedded default needs nothing else. Build: docker build -t onmodel .
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
# The CPU wheels of torch are a tenth of the default ones; a mirror of yours may be given instead.
ARG TORCH_INDEX=""
COPY pyproject.toml hatch_build.py constraints.txt README.md LICENSE ./
COPY onmodel onmodel
COPY pipeline pipeline
COPY stages stages
COPY configs configs
RUN python -m venv /opt/onmodel \
    && if [ -n "$TORCH_INDEX" ]; then \
         PIP_INDEX_URL="$TORCH_INDEX" /opt/onmodel/bin/pip install --no-cache-dir -c constraints.txt torch torchvision; \
       fi \
    && /opt/onmodel/bin/pip install --no-cache-dir -c constraints.txt ".[serve,c2pa]"

FROM python:3.12-slim-bookworm
COPY --from=build /opt/onmodel /opt/onmodel
RUN useradd --create-home --uid 10001 onmodel \
    && mkdir -p /data /weights /work \
    && chown onmodel:onmodel /data /weights /work
ENV PATH=/opt/onmodel/bin:$PATH \
    HF_HOME=/weights \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /work
# Reads Anny's body once, so that no container does it at its first picture.
RUN onmodel demo -q && rm -rf demo
VOLUME ["/data", "/weights"]
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8765/healthz', timeout=4)"]
ENTRYPOINT ["onmodel"]
CMD ["serve", "--host", "0.0.0.0", "--keys", "/run/secrets/onmodel-keys", "--folder", "/data"]
