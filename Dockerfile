# One image for everything of the product that is ours: web, control, agents. docker-compose.yml says which one runs.
FROM node:22-bookworm-slim

RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates python3-pip g++ make cmake libgloo-dev \
  && rm -rf /var/lib/apt/lists/*

# oneDNN goes here at build time, prepared datasets at run time.
ENV LOCKSTEP_CACHE_DIR=/var/cache/lockstep
RUN mkdir -p /app /data /credentials "$LOCKSTEP_CACHE_DIR" \
  && chown node:node /app /data /credentials "$LOCKSTEP_CACHE_DIR"
USER node
WORKDIR /app
COPY --chown=node:node . .
# Temporal comes from an image of its own, so that none is built here.
RUN LOCKSTEP_TEMPORAL_ADDRESS=temporal:7233 npm run setup
