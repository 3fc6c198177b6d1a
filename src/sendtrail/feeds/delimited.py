"""Postal scans as delimited text: Informed Visibility files with a header, and legacy IMb Tracing records.

Informed Visibility's column order is the subscriber's, so columns go by name. Legacy records have none: facility ZIP,
operation code, local time, routing code, tracking code.
"""

from collections.abc import Iterable, Iterator
from operator import itemgetter

from sendtrail.domain.plurals import counted
from sendtrail.feeds.intake import FieldError, Intake
from sendtrail.feeds.scan_fields import SCAN, ScanFields
from sendtrail.feeds.tables import lines, rows, text_of_line


def read(chunks: Iterable[bytes], intake: Intake) -> Iterator[None]:
    """Take the scans of a file with a header; pauses after every block."""
    fields = ScanFields(intake)
    for header, block in rows(chunks, intake):
        columns = header.columns
        at = {column: index for index, column in enumerate(columns)}
        of_scan = itemgetter(*(at.get(attribute, len(columns)) for attribute in SCAN))
        for line, raw, cells in block:
            cells.append("")
            imb, code, routing, matching, moment, operation, phase, handling, zip_, day, predicted, by = of_scan(cells)
            try:
                intake.observations.append(
                    fields.observe(
                        code, imb, routing or matching, moment, operation, phase, handling, zip_, day or predicted or by
                    )
                )
            except FieldError:  # the piece is named in parts, or something is wrong
                try:
                    intake.observations.append(fields.observe_attributes(dict(zip(columns, cells, strict=False))))
                except FieldError as error:
                    intake.refuse(line, error.reason, raw)
            if fields.new_zips:
                fields.learn_facility(dict(zip(columns, cells, strict=False)))
                fields.new_zips.clear()
        yield


def read_legacy(chunks: Iterable[bytes], intake: Intake) -> Iterator[None]:
    """Take legacy records: times are local to the facility, and each is a scan that really took place."""
    fields = ScanFields(intake)
    for block in lines(chunks):
        for raw in block:
            intake.line += 1
            text = text_of_line(raw)
            if not text or text.isspace():
                continue
            cells = [cell.strip(' "') for cell in text.split(",")]
            if len(cells) != 5:
                found = counted(len(cells), "column")
                reason = f"the record has {found}, not 5: ZIP, operation, time, routing, tracking code"
                intake.refuse(intake.line, reason, raw)
                continue
            zip_, operation, moment, routing, code = cells
            try:
                intake.observations.append(fields.observe(code, "", routing, moment, operation, "", "", zip_, ""))
            except FieldError as error:
                intake.refuse(intake.line, error.reason, raw)
        fields.new_zips.clear()
        yield
