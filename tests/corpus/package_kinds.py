"""Makes Office packages of the corpus with what is hidden by styles, with symbols, and with values alone."""

import io
import struct

from office_kinds import OPEN, RELATIONS, SHEET, WORD, DRAWING, relations, write_zip

FORMULA = "http://schemas.openxmlformats.org/officeDocument/2006/math"
CHOICES = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def make_word(expect, words):
    """Makes documents of Word: hidden styles, former settings, symbols, artistic letters and others."""
    def document(body):
        return f'<w:document xmlns:w="{WORD}" xmlns:m="{FORMULA}" xmlns:mc="{CHOICES}" xmlns:v="urn:v"><w:body>{body}</w:body></w:document>'
    def run(text, settings=""):
        return f'<w:r><w:rPr>{settings}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'
    def paragraph(*runs, style=""):
        return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{"".join(runs)}</w:p>'
    styles = f'<w:styles xmlns:w="{WORD}"><w:style w:styleId="Unseen"><w:rPr><w:vanish/></w:rPr></w:style>' \
             '<w:style w:styleId="Inner"><w:basedOn w:val="Unseen"/></w:style>' \
             '<w:style w:styleId="Seen"><w:rPr><w:vanish w:val="0"/></w:rPr></w:style></w:styles>'
    line = words["german"][0]
    body = paragraph(run("Berth", "<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>"), run("one", '<w:rStyle w:val="Inner"/>'), run(" 42"))
    body += paragraph(run("two"), run("Crew list", '<w:rStyle w:val="Seen"/>'), style="Unseen")
    body += paragraph(*[f'<w:r><w:sym w:font="{font}" w:char="F0{number}"/></w:r>' for font, number in [("Symbol", "61"), ("Symbol", "B1"), ("Wingdings", "FE")]], run("\uf06d", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'))
    body += paragraph("<m:oMath><m:f><m:num><m:r><m:t>12</m:t></m:r></m:num><m:den><m:r><m:t>34</m:t></m:r></m:den></m:f></m:oMath>")
    choice = "".join(f'<mc:{form}><w:r><w:t>Ferry</w:t></w:r></mc:{form}>' for form in ("Choice", "Choice", "Fallback"))
    body += paragraph(f"<mc:AlternateContent>{choice}</mc:AlternateContent>", run(" at noon"))
    body += paragraph('<w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r>')
    write_zip(expect("inner.docx", "docx", [line, "Ferry at noon", "Berth 42 Crew list α±☑μ 12/34", "DRAFT"], absent=["one", "two", "FerryFerry"]), {
        "_rels/.rels": relations(("officeDocument", "word/Gr%C3%B6%C3%9Fe.xml")), "word/Gr%C3%B6%C3%9Fe.xml": document(body),
        "word/_rels/Gr%C3%B6%C3%9Fe.xml.rels": relations(("styles", "styles.xml"), ("aFChunk", "inner.docx")),
        "word/styles.xml": styles, "word/inner.docx": inner_document(document(paragraph(run(line))))})


def inner_document(xml):
    """A document of Word within another one."""
    content = io.BytesIO()
    write_zip(content, {"_rels/.rels": relations(("officeDocument", "word/document.xml")), "word/document.xml": xml})
    return content.getvalue()


def make_sheets_and_slides(expect, words):
    """Makes a workbook with durations but no relationships, and slides with escapes and a new chart."""
    styles = f'<styleSheet xmlns="{SHEET}"><numFmts><numFmt numFmtId="164" formatCode="[h]:mm"/></numFmts><cellXfs><xf/><xf numFmtId="164"/><xf numFmtId="46"/></cellXfs></styleSheet>'
    cells = '<row><c t="s"><v>0</v></c><c s="1"><v>1.5</v></c><c s="2"><v>2.25</v></c></row>'
    write_zip(expect("durations.xlsx", "xlsx", ["Worked 36:00:00 54:00:00"]), {
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}"/>', "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{cells}</sheetData></worksheet>',
        "xl/styles.xml": styles, "xl/sharedStrings.xml": f'<sst xmlns="{SHEET}"><si><t>Worked</t></si></sst>'})
    slide = f'<p:sld xmlns:p="p" xmlns:a="{DRAWING}"><a:p><a:r><a:t>Berth_x000B_42</a:t></a:r></a:p></p:sld>'
    chart = '<cx:chartSpace xmlns:cx="cx"><cx:strDim><cx:lvl><cx:pt>North quay</cx:pt><cx:pt>South quay</cx:pt></cx:lvl></cx:strDim>' \
            '<cx:numDim><cx:lvl><cx:pt>4711</cx:pt></cx:lvl></cx:numDim>' \
            '<cx:tx><cx:txData><cx:v>Ferries</cx:v></cx:txData></cx:tx></cx:chartSpace>'
    write_zip(expect("chart-2016.pptx", "pptx", ["Berth 42", "North quay South quay Ferries"], absent=["4711"]), {
        "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f'<p:presentation xmlns:p="p" xmlns:r="{RELATIONS}"><p:sldId r:id="r0"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": relations(("slide", "slides/slide1.xml")), "ppt/slides/slide1.xml": slide,
        "ppt/slides/_rels/slide1.xml.rels": relations(("chartEx", "../charts/chart1.xml")), "ppt/charts/chart1.xml": chart})


def make_open_documents(expect, words):
    """Makes OpenDocument files with hidden characters, numbers of lists, values alone, and master pages."""
    names = [("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style"), ("number", "datastyle"), ("presentation", "presentation")]
    spaces = " ".join(f'xmlns:{name}="{OPEN}{uri}:1.0"' for name, uri in names)
    line = words["french"][0]
    styles = '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>' \
             '<number:number-style><number:text>unit</number:text></number:number-style>'
    def content(kind, body):
        settings = f'<office:automatic-styles>{styles}</office:automatic-styles>'
        body = f'<office:body><office:{kind}>{body}</office:{kind}></office:body>'
        return f'<office:document-content {spaces}>{settings}{body}</office:document-content>'
    def write(name, kind, mime, body, phrases, absent, **parts):
        write_zip(expect(name, kind, phrases, absent=absent), {
            "mimetype": f"application/vnd.oasis.opendocument.{mime}", "content.xml": content(mime.replace("graphics", "drawing"), body), **parts})
    hidden = f'<text:p>{line}<text:span text:style-name="T1">unseen</text:span></text:p><text:p text:style-name="T1">unseen</text:p>'
    item = "<text:list><text:list-item><text:number>1.</text:number><text:p>Berth</text:p></text:list-item></text:list>"
    write("hidden.odt", "odt", "text", hidden + item, [line, "1. Berth"], ["unseen", "unit"])
    cells = "".join(f'<table:table-cell office:value-type="{kind}" office:{name}="{value}"/>' for kind, name, value in [
        ("float", "value", "42"), ("string", "string-value", "Quay"), ("date", "date-value", "2024-03-05")])
    cells += '<table:table-cell office:value-type="percentage" office:value="0.19"><text:p>19 %</text:p></table:table-cell>'
    write("values.ods", "ods", "spreadsheet", f'<table:table table:name="Crew"><table:table-row>{cells}</table:table-row></table:table>', ["Crew 42 Quay 2024-03-05 19 %"], ["0.19"])
    def frame(text, kind=""):
        return f'<draw:frame{kind}><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>'
    place = ' presentation:class="title"'
    footers = "".join(frame(text, f' presentation:class="{kind}"') for kind, text in [
        ("footer", "Sea Holly<presentation:footer>Footer</presentation:footer>"), ("date-time", "<text:date>2019-01-01</text:date>")])
    master = f'<office:document-styles {spaces}><office:master-styles><style:master-page>{frame("Click here", place)}{frame("Harbour office")}{footers}' \
             f'<presentation:notes>{frame("A note")}</presentation:notes></style:master-page></office:master-styles></office:document-styles>'
    number = frame("<text:page-number>&lt;number&gt;</text:page-number>", ' presentation:class="page-number"')
    write("master.odp", "odp", "presentation", f"<draw:page>{frame(line, place)}{number}</draw:page>", [line, "Harbour office", "Sea Holly"], ["Click", "A note", "<number>", "Footer", "2019"], **{"styles.xml": master})


def make_charts(expect, _words):
    """Makes a workbook, slides and a text with a chart into which a text box is drawn."""
    chart = f'<c:chartSpace xmlns:c="c" xmlns:a="{DRAWING}"><a:p><a:r><a:t>Ferries</a:t></a:r></a:p></c:chartSpace>'
    shapes = f'<c:userShapes xmlns:c="c" xmlns:cdr="cdr" xmlns:a="{DRAWING}"><cdr:sp><cdr:txBody><a:p><a:r><a:t>Most leave at noon</a:t></a:r></a:p></cdr:txBody></cdr:sp></c:userShapes>'
    charts = {"charts/chart1.xml": chart, "charts/_rels/chart1.xml.rels": relations(("chartUserShapes", "../shapes.xml")), "shapes.xml": shapes}
    book = f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets><sheet name="Summer" r:id="r0"/></sheets></workbook>'
    slides = f'<p:presentation xmlns:p="p" xmlns:r="{RELATIONS}"><p:sldId r:id="r0"/></p:presentation>'
    slide = f'<p:sld xmlns:p="p" xmlns:a="{DRAWING}"><a:p><a:r><a:t>Summer</a:t></a:r></a:p></p:sld>'
    to_chart = relations(("chart", "charts/chart1.xml"))
    for kind, parts in [
        ("docx", {"main.xml": f'<w:document xmlns:w="{WORD}"><w:p><w:r><w:t>Summer</w:t></w:r></w:p></w:document>', "_rels/main.xml.rels": to_chart}),
        ("xlsx", {"main.xml": book, "_rels/main.xml.rels": relations(("worksheet", "sheet.xml")), "sheet.xml": f'<worksheet xmlns="{SHEET}"/>',
                  "_rels/sheet.xml.rels": relations(("drawing", "drawing.xml")), "drawing.xml": "<d/>", "_rels/drawing.xml.rels": to_chart}),
        ("pptx", {"main.xml": slides, "_rels/main.xml.rels": relations(("slide", "slide.xml")), "slide.xml": slide, "_rels/slide.xml.rels": to_chart}),
    ]:
        parts = {f"all/{name}": content for name, content in {**parts, **charts}.items()}
        write_zip(expect(f"chart-shapes.{kind}", kind, ["Summer Ferries Most leave at noon"]), {"_rels/.rels": relations(("officeDocument", "all/main.xml")), **parts})


def open_document(kind, body, styles="", root="document-content"):
    """The XML of an OpenDocument file."""
    names = [("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("presentation", "presentation")]
    spaces = " ".join(f'xmlns:{name}="{OPEN}{uri}:1.0"' for name, uri in names)
    body = body and f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    return f'<office:{root} {spaces} office:mimetype="application/vnd.oasis.opendocument.{kind}">{styles}{body}</office:{root}>'


def make_marked_text(expect, _words):
    """Makes OpenDocument files with text that says what it is about, and with titles beside the text."""
    body = '<text:p>The lease with <text:meta xml:id="a">Sea <text:span>Holly</text:span></text:meta> ends in May.</text:p>'
    write_zip(expect("about.odt", "odt", ["The lease with Sea Holly ends in May."]), {"content.xml": open_document("text", body)})
    places = "".join(f'<presentation:{kind}-decl presentation:name="{kind}">{text}</presentation:{kind}-decl>' for kind, text in [
        ("header", "Harbour office"), ("date-time", "May 2024"), ("footer", "Berths")])
    slide = "<draw:page xmlns:draw='draw'><text:p>Summer plan</text:p></draw:page>"
    write_zip(expect("dated.odp", "odp", ["Harbour office May 2024 Berths Summer plan"]), {"content.xml": open_document("presentation", places + slide)})
    cell = "<table:table-row><table:table-cell><text:p>Quay four</text:p></table:table-cell></table:table-row>"
    table = f'<table:table table:name="Dues"><table:title>Dues of the summer</table:title><table:desc>For each berth</table:desc>{cell}</table:table>'
    write_zip(expect("titled.ods", "ods", ["Dues of the summer For each berth Quay four"]), {"content.xml": open_document("spreadsheet", table)})


def make_named_styles(expect, _words):
    """Makes OpenDocument files with text that is hidden by styles with names, and with hidden paragraphs."""
    def style(name, family, base="", display=""):
        base = base and f' style:parent-style-name="{base}"'
        display = display and f'<style:text-properties text:display="{display}"/>'
        return f'<style:style style:name="{name}" style:family="{family}"{base}>{display}</style:style>'
    def paragraph(text, name=""):
        return f'<text:p text:style-name="{name}">{text}</text:p>'
    def span(text, name):
        return f'<text:span text:style-name="{name}">{text}</text:span>'
    named = style("Inner", "text", "Secret") + style("Secret", "text", display="none") + style("Aside", "paragraph", display="none")
    named += style("Open", "paragraph", "Aside", "true") + style("Secret", "paragraph")
    named = f"<office:styles>{named}</office:styles>"
    own = f'<office:automatic-styles>{style("T1", "text", "Inner")}{style("P1", "paragraph", "Aside")}</office:automatic-styles>'
    body = paragraph(f"The garden {span('one', 'T1')}opens {span('two', 'Secret')}at nine.", "Secret") + paragraph("three", "P1") + paragraph("Bring a spade.", "Open")
    body += paragraph('four <text:hidden-paragraph text:condition="ooow:1" text:is-hidden="true"/>five') + paragraph('Water <text:hidden-paragraph text:is-hidden="false"/>the roses.')
    found, absent = ["The garden opens at nine. Bring a spade. Water the roses."], ["one", "two", "three", "four", "five"]
    write_zip(expect("named-styles.odt", "odt", found, absent=absent), {
        "content.xml": open_document("text", body, own), "styles.xml": open_document("text", "", named, "document-styles")})
    expect("named-styles.fodt", "xml", found, absent=absent).write_text(open_document("text", body, named + own, "document"))


def make_hangul(expect, words):
    """Makes a document of Hangul with spaces and a break within a text."""
    line = words["korean"][0]
    text = line.replace(" ", "<hp:fwSpace/>")
    section = f'<hs:sec xmlns:hs="s" xmlns:hp="p"><hp:p><hp:run><hp:t>{text}<hp:lineBreak/>42<hp:hyphen/>43<hp:nbSpace/>end</hp:t></hp:run></hp:p></hs:sec>'
    write_zip(expect("spaces.hwpx", "hangul", [f"{line} 42-43 end"]), {"mimetype": "application/hwp+zip", "Contents/section0.xml": section})


def make_prints_and_tables(expect, words):
    """Makes a print whose pages have names in another order, and a table with numbers that are not text."""
    french = words["french"]
    pages = {f"Documents/1/Pages/{at}.fpage": f'<FixedPage><Glyphs OriginY="9" UnicodeString="{french[2 - at]}"/></FixedPage>' for at in (1, 2)}
    order = '<FixedDocument><PageContent Source="Pages/2.fpage"/><PageContent Source="/Documents/1/Pages/1.fpage"/></FixedDocument>'
    write_zip(expect("order.xps", "xps", [f"{french[0]} {french[1]}"]), {
        "FixedDocumentSequence.fdseq": "<FixedDocumentSequence/>", "Documents/1/FixedDocument.fdoc": order, **pages})
    values = [(b"I", struct.pack("<i", 42)), (b"B", struct.pack("<d", 2.5)), (b"Y", struct.pack("<q", 3105000)), (b"T", struct.pack("<ii", 2460375, 0))]
    fields = b"".join(kind.ljust(11, b"\0") + kind + bytes(4) + bytes([len(value)]) + bytes(15) for kind, value in values)
    record = b" " + b"".join(value for _, value in values)
    head = struct.pack("<BBBBIHH", 0x30, 126, 3, 5, 1, 32 + len(fields) + 1, len(record)) + bytes(17) + b"\3\0\0"
    expect("numbers.dbf", "dbf", ["42 2.5 310.50 2024-03-05"]).write_bytes(head + fields + b"\r" + record + b"\x1a")


def make(expect, words):
    """Makes all files."""
    for part in (make_word, make_sheets_and_slides, make_charts, make_open_documents,
                 make_marked_text, make_named_styles, make_hangul, make_prints_and_tables):
        part(expect, words)
