"""Makes documents of Word for the corpus with fields, changes and parts of other formats in them."""

from office_kinds import RELATIONS, WORD, relations, write_zip


def run(text):
    """A run of a text."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def mark(kind, settings=""):
    """A mark of a field."""
    return f'<w:r><w:fldChar w:fldCharType="{kind}">{settings}</w:fldChar></w:r>'


def code(text):
    """A part of the code of a field."""
    return f'<w:r><w:instrText xml:space="preserve">{text}</w:instrText></w:r>'


def field(inner, result=None, settings=""):
    """A field of a code, which may contain fields."""
    shown = "" if result is None else mark("separate") + run(result)
    return mark("begin", settings) + inner + shown + mark("end")


def write(path, *paragraphs, related=(), **parts):
    """Writes a document of these paragraphs."""
    body = "".join(part if part.startswith("<w:altChunk") else f"<w:p>{part}</w:p>" for part in paragraphs)
    write_zip(path, {
        "_rels/.rels": relations(("officeDocument", "word/document.xml")), "word/_rels/document.xml.rels": relations(*related),
        "word/document.xml": f'<w:document xmlns:w="{WORD}" xmlns:r="{RELATIONS}"><w:body>{body}</w:body></w:document>',
        **{f"word/{name.replace('_', '.')}": content for name, content in parts.items()}})


def make_fields(expect, _words):
    """Makes documents with fields within each other, and with fields whose ends are lost."""
    page = field(code(" = ") + field(code(" PAGE "), "17") + code(" - 1 "), "16")
    wish = code(' "') + "</w:p><w:p>" + field(code(" MERGEFIELD Wish "), "Dear guest") + code('" "" ')
    letter = field(code(" IF ") + field(code(" MERGEFIELD Land "), "DE") + code(" = ") + wish, "Good day")
    write(expect("nested-fields.docx", "docx", ["Page 16 follows", "Letter: Good day, Ada Quay four"], absent=["DE", "Dear guest"]),
          run("Page ") + page + run(" follows"), run("Letter: ") + letter + run(", Ada"), run("Quay") + field(code(' XE "Quays" ')) + run(" four"))
    write(expect("lost-field-ends.docx", "docx", ["Berth 42 is free. The ferry leaves at noon from quay 7. The crane is closed."], absent=["23"]),
          run("Berth 42 is ") + mark("begin") + code(" PAGE ") + run("free."), run("The ferry leaves at noon from quay ") + field(code(" = ") + field(code(" PAGE "), "23"), "7") + run("."),
          mark("begin") + code(" TOC ") + mark("separate") + run("The crane is closed."))


def drop_down(settings, result=None):
    """A field from whose list a berth was chosen."""
    entries = "".join(f'<w:listEntry w:val="{quay} quay"/>' for quay in ("North", "South", "East"))
    return field(code(" FORMDROPDOWN "), result, f"<w:ffData><w:ddList>{settings}{entries}</w:ddList></w:ffData>")


def make_choices(expect, _words):
    """Makes a document with fields from whose lists an entry is chosen."""
    chosen, usual = '<w:result w:val="2"/>', '<w:default w:val="1"/>'
    write(expect("choices.docx", "docx", ["Berth: East quay; then South quay; then North quay; then South quay."]),
          run("Berth: ") + drop_down(chosen + usual, "") + run("; then ") + drop_down(usual) + run("; then ") + drop_down("") + run("; then ") + drop_down(usual, "South quay") + run("."))


def make_chunks(expect, _words):
    """Makes a document with a page and a text of other formats between its paragraphs."""
    page = "<html><body><p>The roses are cut in March.</p></body></html>"
    phrase = "The garden rests in winter. The roses are cut in March. Seeds are sold in April. The gate opens in May."
    write(expect("chunks.docx", "docx", [phrase]), run("The garden rests in winter."), '<w:altChunk r:id="r1"/>', '<w:altChunk r:id="r0"/>', run("The gate opens in May."),
          related=[("aFChunk", "seeds.txt"), ("aFChunk", "roses.html")], seeds_txt="Seeds are sold in April.", roses_html=page)


def make_joined(expect, _words):
    """Makes a document with paragraphs whose ends are deleted or moved away."""
    def ended(kind, text):
        return f'<w:pPr><w:rPr><w:{kind} w:id="1"/></w:rPr></w:pPr>{text}'
    box = f'<w:r><w:pict><v:textbox xmlns:v="urn:v"><w:txbxContent><w:p>{ended("del", run("Quay"))}</w:p></w:txbxContent></v:textbox></w:pict></w:r>'
    write(expect("joined.docx", "docx", ["The lighthouse is open. Quay side"]),
          ended("del", run("The light")), ended("moveFrom", run("house")), run(" is open."), box + run("side"))


def make_behind_head(expect, _words):
    """Makes a document behind the head of the form by which it was uploaded."""
    path = expect("behind-head.docx", "docx", ["The harbour master answers on Monday."])
    write(path, run("The harbour master answers on Monday."))
    head = b'--harbour\r\nContent-Disposition: form-data; name="letter"; filename="letter.docx"\r\n\r\n'
    path.write_bytes(head + path.read_bytes() + b"\r\n--harbour--\r\n")


def make(expect, words):
    """Makes all files."""
    for part in (make_fields, make_choices, make_chunks, make_joined, make_behind_head):
        part(expect, words)
