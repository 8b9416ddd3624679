"""Tell which pairs of countries have what between them. The last answer is kept, since it is the same all day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from skillcred.recognition.records import RecognitionData
from skillcred.recognition.survey import Survey, survey_pairs
from skillcred.services.ports import Clock


@dataclass(slots=True)
class SurveyPairs:
    """The use case. Thread-safe."""

    load: Callable[[], RecognitionData]
    clock: Clock
    _lock: Lock = field(default_factory=Lock)
    _last: tuple[RecognitionData, Survey] | None = None

    def __call__(self, at: date | None = None) -> Survey:
        """The ties of all pairs on the day `at`, or today."""
        data = self.load()
        day = at or self.clock.now().date()
        with self._lock:
            if self._last is None or self._last[0] is not data or self._last[1].at != day:
                self._last = (data, survey_pairs(data, day))
            return self._last[1]
