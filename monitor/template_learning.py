"""Learning templates, from files and anew from the pictures that were kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from detectors.base import DetectorError
from detectors.image import READ, media_type_of
from detectors.table import ExaminerConfig
from detectors.templates.base import TemplateSaid
from detectors.templates.report import Learning
from monitor import audit
from monitor.core import Core
from monitor.errors import InvalidInput, LeakwatchError
from monitor.pipeline.pool import ExaminePool
from monitor.storage.template import Template, all_templates, template_named
from monitor.template_banks import bank_in
from monitor.template_facts import said_of
from monitor.template_folder import TemplateFile
from monitor.templates import Registration, examiner_config, pictures_of, relearn_template


def learn_file(file: TemplateFile, pool: ExaminePool, config: ExaminerConfig) -> Registration:
    """Learn the template of a file (and its further samples). Raises InvalidInput."""
    samples = file.read()
    for path, data in zip(file.paths, samples, strict=True):
        if media_type_of(data) not in READ:
            raise InvalidInput(f"{path} is not a picture or a PDF.")
    try:
        learning = learn_template(samples, file.said, pool, config)
    except InvalidInput as error:
        raise InvalidInput(f"{file.paths[0]}: {error}") from None
    return Registration(file.said, tuple(samples), learning, file.notes, file.system)


def learn_template(
    samples: Sequence[bytes], said: TemplateSaid, pool: ExaminePool, config: ExaminerConfig
) -> Learning:
    """Learn a template from its pictures' bytes. Raises InvalidInput."""
    if any(media_type_of(data) not in READ for data in samples):
        raise InvalidInput(f"A file of the template {said.name} is not a picture or a PDF.")
    try:
        return pool.learn_template(samples, said, config)
    except DetectorError as error:
        raise InvalidInput(str(error)) from None


def learn_files(
    files: Iterable[TemplateFile], pool: ExaminePool, config: ExaminerConfig, workers: int
) -> Iterable[Registration]:
    """Learn several, as many at a time as there are workers, in order. Raises InvalidInput."""
    with ThreadPoolExecutor(workers) as threads:
        yield from threads.map(lambda file: learn_file(file, pool, config), files)


def warn_of_each_other(
    learned: Sequence[Registration], pool: ExaminePool, config: ExaminerConfig, workers: int
) -> list[Registration]:
    """Registrations of one folder, with a warning of those among them that look alike."""
    with TemporaryDirectory() as made, ThreadPoolExecutor(workers) as threads:
        bank = bank_in(Path(made), [each.learning.packed for each in learned])
        together = replace(config, templates=bank)

        def warned(each: Registration) -> Registration:
            alike = pool.look_alikes(each.samples[0], each.said, together)
            warnings = (*each.learning.warnings, *alike)
            return replace(each, learning=replace(each.learning, warnings=warnings))

        return list(threads.map(warned, learned))


def scan_templates(
    files: Sequence[TemplateFile],
    made: Path,
    pool: ExaminePool,
    config: ExaminerConfig,
    *,
    workers: int,
    tell: Callable[[str], None],
) -> ExaminerConfig:
    """`config` with templates that are learned here and now; their file is put into `made`.

    One that cannot be learned is told and left out. Raises InvalidInput when none can.
    """

    def learned(file: TemplateFile) -> list[bytes]:
        try:
            return [learn_file(file, pool, config).learning.packed]
        except LeakwatchError as error:
            tell(str(error))
            return []

    for remark in (remark for file in files for remark in file.remarks):
        tell(remark)
    with ThreadPoolExecutor(workers) as threads:
        packed = list(chain.from_iterable(threads.map(learned, files)))
    if not packed:
        raise InvalidInput("None of the templates can be learned.")
    return replace(config, templates=bank_in(made, packed))


@dataclass(frozen=True, slots=True)
class Learned:
    """A template that was to be learned again, and why it could not be."""

    name: str
    problem: str | None = None


def learn_again(core: Core, pool: ExaminePool, name: str | None, *, actor: str) -> Iterator[Learned]:
    """Learn templates anew from their kept pictures, one transaction each. Raises NotFound for `name`."""
    with core.database.read() as session:
        chosen = all_templates(session) if name is None else [template_named(session, name)]
    for template in chosen:
        try:
            _learn_again(core, pool, template, actor)
        except LeakwatchError as error:
            yield Learned(template.name, str(error))
        else:
            yield Learned(template.name)


def _learn_again(core: Core, pool: ExaminePool, template: Template, actor: str) -> None:
    with core.database.read() as session:
        pictures = pictures_of(session, core.blobs, template)
    learning = learn_template(pictures, said_of(template), pool, examiner_config(core))
    with core.database.transaction() as session:
        relearn_template(session, template.name, learning, actor=actor, now=core.now())
        audit.record(session, now=core.now(), actor=actor, action="template.learn", item=template.name)
