#!/usr/bin/env python3
"""Prints the text of a document, as a widely used library reads it. Its ending chooses the library."""

import sys
from pathlib import Path


def docx(path: Path) -> str:
    import docx
    return "\n".join(paragraph.text for paragraph in docx.Document(path).paragraphs)


def xlsx(path: Path) -> str:
    import openpyxl
    book = openpyxl.load_workbook(path, read_only=True)
    return "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row)


def xls(path: Path) -> str:
    import xlrd
    sheets = xlrd.open_workbook(path).sheets()
    return "\n".join(str(cell.value) for sheet in sheets for row in sheet.get_rows() for cell in row)


def pptx(path: Path) -> str:
    import pptx
    slides = pptx.Presentation(path).slides
    return "\n".join(shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame)


def odt(path: Path) -> str:
    from odf import opendocument, teletype, text
    return "\n".join(map(teletype.extractText, opendocument.load(path).getElementsByType(text.P)))


def rtf(path: Path) -> str:
    from striprtf.striprtf import rtf_to_text
    return rtf_to_text(path.read_text())


def html(path: Path) -> str:
    import bs4
    return bs4.BeautifulSoup(path.read_bytes(), "lxml").get_text("\n")


def epub(path: Path) -> str:
    import ebooklib
    import lxml.html
    from ebooklib import epub
    pages = epub.read_epub(path).get_items_of_type(ebooklib.ITEM_DOCUMENT)
    return "\n".join(lxml.html.document_fromstring(page.get_content()).text_content() for page in pages)


def txt(path: Path) -> str:
    import charset_normalizer
    return str(charset_normalizer.from_path(path).best())


def msg(path: Path) -> str:
    import extract_msg
    return extract_msg.openMsg(path).body


def eml(path: Path) -> str:
    from email import message_from_bytes, policy
    return message_from_bytes(path.read_bytes(), policy=policy.default).get_body().get_content()


if __name__ == "__main__":
    document = Path(sys.argv[1])
    print(globals()[document.suffix[1:]](document))
