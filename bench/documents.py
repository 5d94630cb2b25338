#!/usr/bin/env python3
"""Makes the documents for `./dev bench extraction`: a PDF of twenty pages and a docx of 1 MB.

The files are made with widely used libraries. The words are drawn from the labelled documents with a fixed
seed, so that two runs make the same files, except for the timestamps in the docx.
"""

import json
import sys
from pathlib import Path
from random import Random

import docx
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

PAGES = 20
# This number of sections makes the docx 1 MB large.
SECTIONS = 500
# The last sentence of both documents. A reader that finds it has read everything.
LAST = "Here ends the report."

LABELLED = Path(__file__).parents[1] / "tests" / "labelled" / "tuning.json"
WORDS = [word for document in json.loads(LABELLED.read_text())["documents"] for word in document["text"].split()]


class Prose:
    """An endless source of random text."""

    def __init__(self) -> None:
        self.random = Random(7)

    def words(self, count: int) -> str:
        """This many random words, with the frequency that they have in the labelled documents."""
        return " ".join(self.random.choices(WORDS, k=count))

    def rows(self) -> list:
        """Returns the rows of a small table."""
        return [[self.words(2), str(self.random.randrange(1000)), self.words(1)] for _ in range(5)]


def make_pdf(path: Path) -> None:
    """Makes a PDF with headings, justified paragraphs and tables.

    Each font is embedded as a subset of its glyphs.
    """
    for name, file in (("Text", "Vera.ttf"), ("Bold", "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, file))
    body = ParagraphStyle("body", fontName="Text", fontSize=9, leading=12, spaceAfter=8, alignment=4)
    heading = ParagraphStyle("heading", fontName="Bold", fontSize=14, leading=20, spaceAfter=8)
    prose, story = Prose(), []
    for page in range(1, PAGES + 1):
        story += [Paragraph(f"Section {page}", heading), *(Paragraph(prose.words(75), body) for _ in range(5)), Table(prose.rows())]
        story += [PageBreak()] if page < PAGES else [Paragraph(LAST, body)]
    paper = SimpleDocTemplate(str(path), invariant=1)
    paper.build(story)
    assert paper.page == PAGES, f"{paper.page} pages"


def make_docx(path: Path) -> None:
    """Makes a docx with headings, paragraphs of several runs, and a table in every tenth section."""
    prose, paper = Prose(), docx.Document()
    for section in range(1, SECTIONS + 1):
        paper.add_heading(f"Section {section}")
        for _ in range(8):
            paragraph = paper.add_paragraph(prose.words(60) + " ")
            paragraph.add_run(prose.words(4)).bold = True
            paragraph.add_run(" " + prose.words(30))
        if section % 10 == 0:
            table = paper.add_table(0, 3)
            for cells in prose.rows():
                for cell, text in zip(table.add_row().cells, cells):
                    cell.text = text
    paper.add_paragraph(LAST)
    paper.save(path)
    size = path.stat().st_size
    assert 950_000 < size < 1_050_000, f"{size} bytes"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    make_pdf(folder / "report.pdf")
    make_docx(folder / "report.docx")
