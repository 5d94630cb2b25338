#!/usr/bin/env python3
"""Makes the documents for `./dev bench extraction`: a PDF of twenty pages, a docx of 1 MB, and others.

The files are made with widely used libraries. The words are drawn from the labelled documents with a fixed
seed, so that two runs make the same files, except for timestamps in some formats.
"""

import html
import json
import struct
import sys
from email.message import EmailMessage
from pathlib import Path
from random import Random

import docx
import openpyxl
import pikepdf
import pptx
import xlwt
from ebooklib import epub
from extract_msg import OleWriter
from odf import opendocument, text as odf
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

PAGES = 20
# This number of sections makes the docx 1 MB large.
SECTIONS = 500
# The number of paragraphs of the other documents, of ninety words each.
PARAGRAPHS = 1_000
# The last sentence of all documents. A reader that finds it has read everything.
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

    def paragraphs(self) -> list:
        """Returns the paragraphs of a long text, and the last sentence."""
        return [*(self.words(90) for _ in range(PARAGRAPHS)), LAST]

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


def make_linearized(path: Path) -> None:
    """Makes a linearized PDF of 100 pages with 130 notes each, so that it has more than 13,000 objects."""
    paper, prose = canvas.Canvas(str(path), invariant=1), Prose()
    for page in range(1, 101):
        for line in range(50):
            paper.drawString(50, 780 - line * 14, prose.words(10).encode("latin-1", "replace").decode("latin-1"))
        for note in range(130):
            paper.linkRect("", "start", (50, note, 60, note + 1))
        if page == 1:
            paper.bookmarkPage("start")
        if page == 100:
            paper.drawString(50, 60, LAST)
        paper.showPage()
    paper.save()
    with pikepdf.open(path, allow_overwriting_input=True) as whole:
        whole.save(path, linearize=True)
        assert len(whole.objects) > 13_000, f"{len(whole.objects)} objects"


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


def make_xlsx(path: Path) -> None:
    """Makes a workbook of 5,000 rows with words and numbers."""
    prose, book = Prose(), openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(1_000):
        for row in prose.rows():
            sheet.append([*row, prose.random.randrange(10_000) / 7])
    sheet.append([LAST])
    book.save(path)


def make_xls(path: Path) -> None:
    """Makes the same workbook for Excel 97."""
    prose, book = Prose(), xlwt.Workbook()
    sheet = book.add_sheet("Report")
    rows = [[*row, prose.random.randrange(10_000) / 7] for _ in range(1_000) for row in prose.rows()]
    for number, row in enumerate([*rows, [LAST]]):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    book.save(str(path))


def make_pptx(path: Path) -> None:
    """Makes a presentation of 100 slides."""
    prose, show = Prose(), pptx.Presentation()
    for words in [*(prose.words(90) for _ in range(99)), LAST]:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = prose.words(4), words
    show.save(path)


def make_odt(path: Path) -> None:
    """Makes a text document of OpenDocument."""
    paper = opendocument.OpenDocumentText()
    for words in Prose().paragraphs():
        paper.text.addElement(odf.P(text=words))
    paper.save(path)


def make_rtf(path: Path) -> None:
    """Makes rich text with its characters outside ASCII as numbers."""
    def escape(words: str) -> str:
        numbers = struct.iter_unpack("<h", words.encode("utf-16-le"))
        return "".join(chr(sign) if 0 < sign < 128 else rf"\u{sign}?" for sign, in numbers)
    lines = "\n".join(rf"\b {escape(words[:9])}\b0 {escape(words[9:])}\par" for words in Prose().paragraphs())
    path.write_text(r"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0 Arial;}}\f0 " + lines + "}")


def make_html(path: Path) -> None:
    """Makes a page."""
    lines = "\n".join(f"<p class=a>{html.escape(words)}</p>" for words in Prose().paragraphs())
    path.write_text(f"<!doctype html><html><head><meta charset=utf-8><style>p {{margin: 0}}</style><body>{lines}")


def make_epub(path: Path) -> None:
    """Makes a book of 100 pages."""
    book, paragraphs = epub.EpubBook(), Prose().paragraphs()
    book.set_title("Report")
    for number in range(0, len(paragraphs), 10):
        lines = "".join(f"<p>{html.escape(words)}</p>" for words in paragraphs[number:number + 10])
        page = epub.EpubHtml(title=f"Page {number}", file_name=f"{number}.xhtml", content=f"<html><body>{lines}</body></html>")
        book.add_item(page)
        book.spine.append(page)
    book.add_item(epub.EpubNcx())
    epub.write_epub(str(path), book)


def make_txt(path: Path) -> None:
    """Makes a text in a legacy encoding, which has to be guessed."""
    path.write_bytes("\n".join(Prose().paragraphs()).encode("windows-1252", "replace"))


def make_eml(path: Path) -> None:
    """Makes a message, in quoted-printable."""
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "Office <office@example.com>", "Report"
    letter.set_content("\n".join(Prose().paragraphs()), cte="quoted-printable")
    path.write_bytes(bytes(letter))


def make_msg(path: Path) -> None:
    """Makes a message of Outlook: a compound file with a stream for each property."""
    writer, properties = OleWriter(), bytes(32)
    for tag, value in [(0x001A, "IPM.Note"), (0x0037, "Report"), (0x1000, "\r\n".join(Prose().paragraphs()))]:
        data = value.encode("utf-16-le")
        properties += struct.pack("<HHIII", 0x001F, tag, 6, len(data) + 2, 0)
        writer.addEntry(f"__substg1.0_{tag:04X}001F", data)
    writer.addEntry("__properties_version1.0", properties)
    writer.addEntry("__nameid_version1.0", storage=True)
    for stream in ["00020102", "00030102", "00040102"]:
        writer.addEntry(f"__nameid_version1.0/__substg1.0_{stream}", b"")
    writer.write(str(path))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    make_linearized(folder / "linearized.pdf")
    for make in (make_pdf, make_docx, make_xlsx, make_xls, make_pptx, make_odt, make_rtf, make_html,
                 make_epub, make_txt, make_eml, make_msg):
        make(folder / f"report.{make.__name__.removeprefix('make_')}")
