# One image for every service: `python -m services.NAME`, configured by the environment.
FROM python:3.11-slim-bookworm
RUN apt-get -qq update && apt-get -qq install --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
WORKDIR /storky
COPY requirements/run.txt requirements/
RUN pip install --no-cache-dir --require-hashes --requirement requirements/run.txt
COPY events events
COPY local local
COPY projections projections
COPY regions regions
COPY services services
RUN useradd --system --create-home storky && install -d -o storky /var/lib/storky
USER storky
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
