# The Streamlit app on the CPU. docs/deploy.md says how to build and to run it.
FROM python:3.11-slim

RUN useradd --create-home --uid 1000 app
WORKDIR /srv/mr-bcnn

COPY requirements.txt pyproject.toml README.md LICENSE ./
COPY core core
COPY app app
RUN python -m pip install --no-cache-dir torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu \
    && python -m pip install --no-cache-dir -r requirements.txt
COPY assets/pedestrians assets/pedestrians
COPY checkpoints checkpoints

RUN chmod -R a+rX /srv/mr-bcnn && install --directory --owner=app /data
USER app
ENV MR_BCNN_RUNS=/data/runs \
    MR_BCNN_GALLERIES=/data/galleries \
    MR_BCNN_DATASETS=/data/datasets \
    MR_BCNN_UPLOADS=/data/uploads \
    XDG_CACHE_HOME=/data/cache
VOLUME /data
EXPOSE 8501

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app/main.py", "--server.address=0.0.0.0", "--server.headless=true"]
