"""What Prometheus is told: jobs by state, how long they took, and requests by route."""

from collections.abc import Awaitable, Callable, Iterable

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipeline.service.jobs import Job, Queue

#: Seconds: from the embedded model's pictures to those of a large one on a CPU.
BUCKETS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800)


class Metrics:
    """Counts for one server."""

    def __init__(self, queue: Queue) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "onmodel_http_requests", "Requests.", ["method", "route", "status"], registry=self.registry
        )
        self.jobs = Counter("onmodel_jobs", "Jobs that ended.", ["state", "task"], registry=self.registry)
        self.seconds = Histogram(
            "onmodel_job_seconds", "From the start of a job to its end.", buckets=BUCKETS, registry=self.registry
        )
        self.registry.register(_Waiting(queue))

    def ended(self, job: Job) -> None:
        """Counts a job that has ended."""
        self.jobs.labels(job.state, job.options.get("task", "generate")).inc()
        if job.started is not None and job.ended is not None:
            self.seconds.observe(max(0.0, job.ended - job.started))

    async def count(self, request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        """Counts a request, by the route and not by the address: those are many."""
        response = await go_on(request)
        route = getattr(request.scope.get("route"), "path", "none")
        self.requests.labels(request.method, route, response.status_code).inc()
        return response

    def page(self) -> Response:
        """Renders the metrics for Prometheus."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)


class _Waiting(Collector):
    """Counts the jobs of the queue when it is asked."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    def collect(self) -> Iterable[Metric]:
        gauge = GaugeMetricFamily("onmodel_jobs_held", "Jobs by state.", labels=["state"])
        for state in ("queued", "running", "done", "failed", "error", "cancelled"):
            gauge.add_metric([state], self.queue.count(state))
        yield gauge
