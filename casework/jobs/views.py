"""Where somebody sees how far their work is, tries it again, and takes its file. To everybody else it is not there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from casework import clock
from casework.jobs.kinds import about_of, kind_of
from casework.jobs.models import AGAIN, Job, JobStage
from casework.jobs.services import take, try_again
from casework.jobs.sweeping import KEPT_FOR
from casework.templatetags.ui import gov_date

SLOW = 60
"""Seconds after which a page says that nothing has begun yet."""


class OwnJob(View):
    """Finds the job among one's own, and what it is about among what one may have now: standing may end while a file waits."""

    def found(self, request: HttpRequest, key: Any) -> tuple[Job, Any]:
        job = get_object_or_404(Job.objects.visible_to(request.user), key=key)
        about = about_of(job, request.user)
        if about is None:
            raise Http404
        return job, about


class JobPage(OwnJob):
    """How far it is. Reads itself again every few seconds, with JavaScript without drawing the page anew."""

    def get(self, request: HttpRequest, key: Any) -> HttpResponse:
        job, about = self.found(request, key)
        if "application/json" in request.headers.get("Accept", ""):
            told = {"finished": not job.is_unfinished, "sentence": sentence(job), "done": job.done, "total": job.total}
            answer: HttpResponse = JsonResponse(told)
        else:
            context = {
                "job": job,
                "about": about,
                "reference": about.reference,
                "title": kind_of(job.kind).title(about),
                "sentence": sentence(job),
                "again": job.stage in AGAIN,
                "ready": job.stage == JobStage.DONE,
            }
            answer = render(request, "casework/job.html", context)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def post(self, request: HttpRequest, key: Any) -> HttpResponse:
        """Try again."""
        job, _ = self.found(request, key)
        return HttpResponseRedirect(try_again(job=job, by=request.user).get_absolute_url())


class JobFile(OwnJob):
    """The file. Taking it is noted, so it is a POST."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, key: Any) -> FileResponse | HttpResponse:
        job, about = self.found(request, key)
        if job.stage != JobStage.DONE:
            return HttpResponseRedirect(job.get_absolute_url())
        try:
            content = take(job=job, about=about, by=request.user)
        except OSError:
            messages.error(request, "The file is on record, but the service cannot read it. Ask for it again.")
            return HttpResponseRedirect(about.get_absolute_url())
        return FileResponse(content, as_attachment=True, filename=job.name, content_type=job.media_type)


def sentence(job: Job) -> str:
    """What somebody who waits wants to know."""
    if job.stage == JobStage.WAITING:
        waited = (clock.now() - job.beat_at).total_seconds()
        slow = " Other work comes first, or the worker is not running: if it does not begin, tell your administrator."
        return f"It has not begun yet.{slow if waited > SLOW else ''}"
    if job.stage == JobStage.RUNNING:
        return f"{job.done} of {job.total} files are in it." if job.total else "It has begun."
    if job.stage == JobStage.DONE and job.finished_at is not None:
        return f"It is ready. It is kept until {gov_date(clock.local_date(job.finished_at + KEPT_FOR))}, then deleted."
    if job.stage == JobStage.EXPIRED:
        return "The file was deleted after a week. Make it again to have it as it is now."
    return job.problem
