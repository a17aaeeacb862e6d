# A training job to watch, and the pager that shows what Alertmanager sends: for compose.yaml and the examples.
FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3-torch python3-numpy python3-confluent-kafka \
  && rm -rf /var/lib/apt/lists/*
COPY ingest/python/examples/train_mhc.py docker/pager.py /opt/
ENV LANG=C.UTF-8 PYTHONUNBUFFERED=1
USER 8321:8321
ENTRYPOINT ["/opt/train_mhc.py"]
