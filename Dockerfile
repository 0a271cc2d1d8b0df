# The first stage installs the package, GraphiQL included, into an environment; the second carries only that.
FROM python:3.12-slim AS build
WORKDIR /source
RUN python -m venv /opt/sim-gateway
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY pyproject.toml hatch_build.py constraints.txt README.md LICENSE ./
COPY schema ./schema
COPY gateway ./gateway
RUN /opt/sim-gateway/bin/pip install --constraint constraints.txt .

FROM python:3.12-slim
ENV PATH=/opt/sim-gateway/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin gateway \
    && install --directory --owner=gateway --mode=0750 /etc/sim-gateway \
    && install --directory --owner=gateway --mode=0700 /var/lib/sim-gateway
COPY --from=build /opt/sim-gateway /opt/sim-gateway
USER gateway
EXPOSE 8000
# It asks by the container's own address: /health/live answers whatever `[server] hosts` says, and wants no key.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=2).close()"]
ENTRYPOINT ["sim-gateway"]
# Others can reach it there: with neither [[callers]] nor [[issuers]] in the configuration it says so and ends.
CMD ["serve", "--config", "/etc/sim-gateway/gateway.toml", "--host", "0.0.0.0", "--port", "8000"]
