"""Files by which a reader learns what others write: mail, pages and texts that break their own rules, old
encodings, and archives. Each function makes the files of one family. `expect` records what is in a file, and
returns its path.
"""

import base64
import binascii
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

DUTCH = ["De dijkgraaf controleert iedere lente de sluizen bij Oudewater.", "De reünie van de schippers met coördinatie is vrijdag."]
GERMAN = ["Für die Übung im Mühlbach müssen die Schläuche gespült werden.", "Größe der Düse: fünf Millimeter, geprüft von Jörg."]
FRENCH = ["Le maître verrier répare la fenêtre abîmée de l'église.", "Après la fête, la forêt était déjà très calme."]
POLISH = ["Święto żniw odbędzie się w sobotę na łące za młynem.", "Proszę przynieść własną łyżkę i źródlaną wodę."]
RUSSIAN = ["Паром отходит от пристани каждое утро ровно в семь.", "Яблоки и груши хранятся в подвале старой мельницы."]
HUNGARIAN = ["Az öreg kőműves a szőlő mellett új kerítést épít.", "A vendégek jövő kedden megnézik a tűzoltók ünnepét."]
POLISH_SHORT = ["Ogród miejski jest otwarty przez cały miesiąc.", "Latarnię morską zwiedzają wycieczki, a po południu także żeglarze."]
LITHUANIAN = ["Biblioteka įsikūrusi prie uosto, ją lanko visi žvejai.", "Sodą prižiūri mokiniai, kurie čia sodina gėles."]
CROATIAN = ["Škola uči čitati.", "Knjižnica je otvorena svaki četvrtak.", "Možda će kiša pasti, žao mi je.", "Đaci pišu zadaće."] * 4
HEBREW = ["הדייג יוצא אל הים לפני עלות השחר.", "הגן הישן נמצא מאחורי בית הספר."]
GREEK = ["Το πλοίο φεύγει κάθε πρωί από το μικρό λιμάνι.", "Ο φάρος ανάβει όταν δύει ο ήλιος."]
JAPANESE = ["灯台の見学は毎週土曜日の午後に行います。", "参加するかたは入口でお名前をお書きください。"]
CHINESE = ["灯塔每个星期六下午开放参观。", "请在入口处登记姓名和电话。"]
TAIWANESE = ["燈塔每個星期六下午開放參觀。", "請在入口處登記姓名和電話，導遊會帶領您登上觀景臺。", "餐廳供應鱈魚和鰻魚。"]
# In EUC-TW, for which Python has no codec. The third line has a character of the second plane.
EUC_TW = bytes.fromhex(
    "f1b9e3d7cae4d4b6d1d3dfe6c4fac4b6c5a9e2e4cdf3d9b6fda8a1a40aeef9c7e3c4abc4c7dda8e0f4d8b4ccefc7d8cccfe7d9e6e3a1a2f0d2e7abe4"
    "c4daa7ebebdac0e0f4c4b8fda8dfdfead7a1a40af3a7fda2cbf2f3dc8ea2eed8dea3cccffcaddea3a1a4")
KOREAN = ["등대는 매주 토요일 오후에 구경할 수 있습니다.", "입구에서 이름과 전화번호를 적어 주세요."]

HEAD = "From: Ada <ada@example.com>\r\nTo: crew@example.com\r\nSubject: {}\r\nDate: Thu, 05 Mar 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"


def message(subject, headers, body):
    """A message with these headers, as bytes. A body may be text or bytes."""
    head = (HEAD.format(subject) + headers + "\r\n").encode()
    return head + (body if isinstance(body, bytes) else body.replace("\n", "\r\n").encode())


def text_part(kind, body):
    """A part of a message in UTF-8."""
    return f"Content-Type: {kind}; charset=utf-8\n\n{body}\n"


def word(text, encoding="utf-8"):
    """An encoded word of a header."""
    data = text if isinstance(text, bytes) else text.encode(encoding)
    return f"=?{encoding}?B?{base64.b64encode(data).decode()}?="


def mails(expect):
    """Messages whose encoding, parts or headers are not what the standards ask for."""
    def put(name, phrases, data):
        expect(name, "email", phrases).write_bytes(data)
    text, mixed = "Content-Type: text/plain; charset={}\r\n", 'Content-Type: multipart/{}; boundary="{}"\r\n'
    picture = b"\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n" + bytes(range(256)) * 4 + b"\r\n--b--\r\n"
    put("binary-part.eml", GERMAN[:1], message("Lauf", mixed.format("mixed", "b"), f"--b\n{text_part('text/plain', GERMAN[0])}".encode() + picture))
    put("german-undeclared.eml", GERMAN, message("Lauf", "", "\r\n".join(GERMAN).encode("cp1252")))
    put("polish-untrue-ascii.eml", POLISH, message("Praca", text.format("us-ascii"), "\n".join(POLISH)))
    put("sign-in-ascii.eml", ["Harbour…wait", "Please find the invoice."], message("=?windows-1252?Q?Harbour=85wait?=", text.format("iso-8859-1") + "Content-Transfer-Encoding: quoted-printable\r\n", "Please find=A0the invoice."))
    put("russian-untrue-latin.eml", RUSSIAN, message("Work", text.format("iso-8859-1"), "\r\n".join(RUSSIAN).encode("cp1251")))
    put("polish-untrue-latin-2.eml", POLISH_SHORT, message("Praca", text.format("iso-8859-2"), "\r\n".join(POLISH_SHORT).encode("cp1250")))
    put("french-cp437.eml", FRENCH, message("Travail", text.format("cp437"), "\r\n".join(FRENCH).encode("cp437")))
    put("korean-johab.eml", KOREAN, message("Work", text.format("johab"), "\r\n".join(KOREAN).encode("johab")))
    put("taiwanese-euc-tw.eml", TAIWANESE, message("Work", text.format("euc-tw"), EUC_TW))
    cut = RUSSIAN[0].encode()
    words = "\r\n ".join(word(cut[at:at + 11]) for at in range(0, len(cut), 11))
    put("russian-split-words.eml", [RUSSIAN[0], "Berth 42"], message(words, "", "Berth 42"))
    words = "\r\n ".join(word(half, "iso2022_jp") for half in (JAPANESE[0][:8], JAPANESE[0][8:]))
    put("japanese-split-words.eml", [f"{JAPANESE[0]} Ada"], message(words, "", "Berth 42"))
    name = "Größe der Düsen.pdf".encode().hex("%").upper()
    part = f"Content-Type: application/pdf\nContent-Disposition: attachment; filename*0*=utf-8''%{name[:11]};\n filename*1*={name[11:]}\n\nAAAA\n"
    put("split-parameters.eml", ["Größe der Düsen.pdf", GREEK[0]],
        message("Report", mixed.format("mixed", "b"), f"--b\n{text_part('text/plain', GREEK[0])}--b\n{part}--b--\n"))
    inner = f"Content-Type: multipart/alternative; boundary=i\n\n--i\n{text_part('text/plain', FRENCH[0])}"
    put("unclosed.eml", [*FRENCH, "plan.pdf"], message("Report", mixed.format("mixed", "o"),
        f"--o\n{inner}--o\nContent-Type: application/pdf; name=plan.pdf\n\nAAAA\n--o\n{text_part('text/plain', FRENCH[1])}"))
    page = f"<html><body><p>{GREEK[0]}</p><p>{GREEK[1]}</p></body></html>"
    for name, words in [("blank-text.eml", " \n"), ("stub-text.eml", "See the page.")]:
        put(name, GREEK, message("Report", mixed.format("alternative", "a"),
            f"--a\n{text_part('text/plain', words)}--a\n{text_part('text/html', page)}--a--\n"))
    letter = message(word("Внутри"), text.format("koi8-r"), "\r\n".join(RUSSIAN).encode("koi8-r"))
    packed = base64.encodebytes(letter).decode()
    put("forwarded.eml", ["See below", "Внутри", *RUSSIAN], message("Fwd", mixed.format("mixed", "f"),
        f"--f\n{text_part('text/plain', 'See below')}--f\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{packed}\n--f--\n"))
    calendar = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{FRENCH[0][:30]}\n {FRENCH[0][30:]}\nLOCATION:Quai 4\\, salle 2\nEND:VEVENT\nEND:VCALENDAR\n"
    put("invitation.eml", [FRENCH[0], "Quai 4, salle 2"], message("Date", text.format("utf-8").replace("plain", "calendar"), calendar))
    expect("invitation.ics", "text", [FRENCH[0], "Quai 4, salle 2"]).write_text(calendar, newline="")
    seal = "".join(f"ARC-Seal: i={number}; b={'Qm9hdA' * 90}\r\n" for number in range(12))
    put("long-headers.eml", GREEK, seal.encode() + message("Report", "Content-Transfer-Encoding: base64\r\n" + text.format("utf-8"), base64.encodebytes("\n".join(GREEK).encode())))
    put("blank-lines.eml", GREEK, b"\r\n\r\n" + message("Report", "", "\n".join(GREEK)))
    put("russian.mbox", RUSSIAN, b"".join(
        b"From ada@example.com Thu Mar  5 10:00:00 2026\n" + message("Box", text.format("utf-8"), line + "\n\n") for line in RUSSIAN))
    letter = message("Mac", text.format("utf-8"), GREEK[0])
    put("greek.emlx", GREEK[:1], f"{len(letter)}\n".encode() + letter + b'<?xml version="1.0"?><plist><dict/></plist>')


def odd_mails(expect):
    """Messages, calendars and address cards of programs that do not keep to the standards."""
    def put(name, phrases, data, absent=()):
        expect(name, "email", phrases, absent=absent).write_bytes(data)
    text, mixed = "Content-Type: text/plain; charset=utf-8\r\n", 'Content-Type: multipart/mixed; boundary="{}"\r\n'
    plan = "Content-Type: application/pdf; name=plan.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n"
    put("wrong-boundary.eml", [FRENCH[0], "plan.pdf"], message("Report", mixed.format("a"), f"--b\n{text_part('text/plain', FRENCH[0])}--b\n{plan}--b--\n"),
        ["Content-Type", "JVBERi"])
    put("old-mac.eml", ["Report Ada <ada@example.com>", GREEK[0]], message("Report", text, GREEK[0]).replace(b"\r\n", b"\r"), ["MIME-Version"])
    names = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=old.pdf;\n filename*=utf-8''%C3%84ste.pdf\n\n" \
            '--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*0="long "; filename*1="name.pdf"\n\n'
    put("two-names.eml", ["Äste.pdf", "long name.pdf"], message("Report", mixed.format("b"), f"--b\n{names}--b--\n"), ["old.pdf"])
    put("junk-in-base64.eml", FRENCH[:1], message("Report", text + 'Content-Transfer-Encoding: "base64" (MIME)\r\n',
        "!".join(base64.encodebytes(FRENCH[0].encode()).decode().split("\n"))))
    put("uuencoded.eml", ["See below", "plan.pdf", "Bye"], message("Report", text,
        f"See below\n\nbegin 644 plan.pdf\n{binascii.b2a_uu(b'%PDF-1.4 and so on').decode()}`\nend\n\nBye\n"), ["begin 644", "end"])
    put("uuencoded-body.eml", FRENCH[:1], message("Report", "Content-Transfer-Encoding: x-uuencode\r\n",
        f"begin 644 a.txt\n{binascii.b2a_uu(FRENCH[0].encode()[:45]).decode()}{binascii.b2a_uu(FRENCH[0].encode()[45:]).decode()}`\nend\n"))
    put("flowed.eml", [RUSSIAN[0]], message("Report", 'Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n',
        f"{RUSSIAN[0][:3]} \n{RUSSIAN[0][3:]}\n"))
    kinds = [("text/enriched", f"<bold>{GREEK[0]}</bold><color><param>red</param>!</color>"), ("text/rtf", "{\\rtf1\\ansi In {\\b rich} text\\par}"),
             ("text/xml", f"<?xml version='1.0'?><a><b>{GREEK[1]}</b></a>"), ("text/plain", "<!DOCTYPE html><p>As a <b>page</b>")]
    put("kinds-of-text.eml", [f"{GREEK[0]}!", "In rich text", GREEK[1], "As a page"], message("Report", mixed.format("b"),
        "".join(f"--b\n{text_part(kind, body)}" for kind, body in kinds)), ["<b", "red", "rtf1"])
    headers = f"--b\nContent-Type: text/rfc822-headers\n\nSubject: {word('Größe')}\n"
    put("returned.eml", ["Not delivered", "Größe"], message("Report", mixed.format("b"), f"--b\n{text_part('text/plain', 'Not delivered')}{headers}"))
    versions = f"--b\n{text_part('text/plain', CHINESE[0])}--b\n{text_part('text/html', '<a>点击</a>')}--b\n{plan}"
    put("chinese-versions.eml", [CHINESE[0], "plan.pdf"], message("Report", mixed.format("b").replace("mixed", "alternative"), versions), ["点击"])
    put("times.eml", ["From 9:00 until 10:00 we meet. Place: Room 5"], message("Report", text, "See below\n\nFrom 9:00 until 10:00 we meet.\nPlace: Room 5\n"))
    letter = f"SUMMARY:{FRENCH[0]}\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:QUJD\r\n REVG\r\nX-ALT-DESC;FMTTYPE=text/html:<html><body><p>Seen\\, too</p></body></html>\r\n"
    cut = f"BEGIN:VCALENDAR\r\n{letter}END:VCALENDAR\r\n".encode().replace("è".encode(), b"\xc3\r\n \xa8")
    expect("page-in-calendar.ics", "text", [FRENCH[0], "Seen, too"], absent=["QUJD", "<"]).write_bytes(cut)
    expect("data-lines.ics", "text", ["data: three rows", "mailto:b@example.com"], absent=["/9j/"]).write_text(
        "BEGIN:VCALENDAR\nDESCRIPTION:data: three rows\nATTENDEE;CN=B:mailto:b@example.com\nIMAGE:data:image/jpeg;base64,/9j/4AAQ\nEND:VCALENDAR\n")
    value = "".join(f"={byte:02X}" for byte in RUSSIAN[0].encode("cp1251"))
    card = f"BEGIN:VCARD\r\nVERSION:2.1\r\nNOTE;CHARSET=windows-1251;ENCODING=QUOTED-PRINTABLE:{value[:60]}=\r\n{value[60:]}\r\n"
    expect("old-card.vcf", "text", [RUSSIAN[0], "TEL:7"], absent=["/9j/"]).write_text(f"{card}PHOTO;ENCODING=BASE64;TYPE=JPEG:\r\n /9j/4AAQ\r\n\r\nTEL:7\r\nEND:VCARD\r\n", newline="")


def der(tag, content):
    """An element of DER."""
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + struct.pack(">H", size)
    return bytes([tag]) + length + content


def signed(expect):
    """Signed files: with and without lengths, in pieces, in base64, in PEM, and an encrypted one."""
    kind = bytes.fromhex("06092a864886f70d0107")
    letter = message("Signed", "Content-Type: text/plain; charset=utf-8\r\n", "\n".join(GREEK))
    names = der(0x02, b"\1") + der(0x31, b"")
    plain = der(0x30, kind + b"\2" + der(0xA0, der(0x30, names + der(0x30, kind + b"\1" + der(0xA0, der(0x04, letter))))))
    expect("greek.p7m", "signed", ["Signed", *GREEK]).write_bytes(plain)
    expect("greek-base64.p7m", "signed", ["Signed", *GREEK]).write_bytes(base64.encodebytes(plain))
    invoice = f'<?xml version="1.0"?><invoice><line>{FRENCH[0]}</line></invoice>'.encode()
    pieces = b"".join(der(0x04, invoice[at:at + 20]) for at in range(0, len(invoice), 20))
    end = b"\0\0"
    content = b"\x30\x80" + kind + b"\1\xa0\x80\x24\x80" + pieces + end + end + end
    unmeasured = b"\x30\x80" + kind + b"\2\xa0\x80\x30\x80" + names + content + end + end + end
    expect("invoice.xml.p7m", "signed", FRENCH[:1]).write_bytes(unmeasured)
    digits = base64.b64encode(unmeasured)
    lines = [b"-----BEGIN PKCS7-----", *(digits[at:at + 64] for at in range(0, len(digits), 64)), b"-----END PKCS7-----", b""]
    expect("invoice.pem", "signed", FRENCH[:1]).write_bytes(b"\r\n".join(lines))
    expect("encrypted.p7m", "signed", no_text="encrypted").write_bytes(der(0x30, kind + b"\3" + der(0xA0, der(0x30, names))))


def pages(expect):
    """Parts of pages, pages that declare their encoding late, and documents that are not well-formed."""
    def put(name, kind, phrases, text, encoding="utf-8", absent=()):
        expect(name, kind, phrases, absent=absent).write_bytes(text.encode(encoding))
    put("fragment.html", "html", ["Boat € 12", FRENCH[0]], f'<li class="a">Boat &euro; 12<li>{FRENCH[0].replace("é", "&eacute;")}<style>b {{}}</style>')
    put("comment-first.html", "html", POLISH, f"<!-- {'saved ' * 400}-->\n<html><body><p>{POLISH[0]}<p>{POLISH[1]}")
    script = '<script charset="utf-8" src="a.js"></script><!-- <meta charset="utf-8"> -->' + "<script>let a = '<meta charset=utf-8>';</script>" * 30
    put("koi8-behind-scripts.html", "html", RUSSIAN, f'\n<html><head>{script}<meta content="text/html; charset=koi8-r" http-equiv="Content-Type">'
        f"</head><body><p>{RUSSIAN[0]}</p><p>{RUSSIAN[1]}</p></body></html>", "koi8-r")
    put("dimensions.html", "html", ["Größe L×B×H", "NºFactura NºCliente"], '<html><meta charset="iso-8859-1"><p>Größe L×B×H</p><p>NºFactura NºCliente</p></html>', "cp1252")
    put("quotes-within.html", "html", ["Mir geht‘s gut, gibt‘s Kuchen?", "Mo•Di•Mi•Do"], '<html><meta charset="windows-1252"><p>Mir geht‘s gut, gibt‘s Kuchen?</p><p>Mo•Di•Mi•Do</p></html>', "cp1252")
    put("kilowatts.html", "html", ["5 кВт", "10 кВт"], '<html><meta charset="windows-1251"><p>5 кВт</p><p>10 кВт</p><p>7 кВт</p></html>', "cp1251")
    put("untrue-latin.html", "html", GREEK, f'<html><meta charset="iso-8859-1"><p>{GREEK[0]}</p><p>{GREEK[1]}</p></html>', "cp1253")
    put("self-closed.xhtml", "html", GREEK, '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><style type="a/>b" />'
        f"<script src='a.js'/></head><body><iframe src='b'/><textarea /><p>{GREEK[0]}</p><p>{GREEK[1]}</p></body></html>")
    put("data.xhtml", "html", ["if (quay < 4 && berth) sail", "End"], '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><style><![CDATA[b > i {}]]></style>'
        '<script>let a = "<![CDATA[";</script></head><body><pre><![CDATA[if (quay < 4 && berth) sail]]></pre><p>End</p></body></html>')
    put("words-first.html", "html", ["Dear Ada, the quay – Berth 42 – is open. Rope"], "Dear Ada,<br>\nthe quay &ndash; Berth 42 &ndash; is open.<ul><li>Rope</li></ul>")
    put("about-tags.txt", "text", ["</p> ends a paragraph that <p> begins,"], "A </p> ends a paragraph that <p> begins, and </b> what <b> begins.\n")
    put("list.md", "text", ["# Berths One<br>two<br>three"], "# Berths\n\nOne<br>two<br>three\n")
    put("entities.xml", "xml", ["Fjord–Quai 4 ½ αβ Škoda's œuvre"], "<note>Fjord&ndash;Quai&nbsp;4&#160;&frac12; &alpha;&beta; &Scaron;koda&apos;s &oelig;uvre</note>")
    put("outline.opml", "xml", ["Harbour", "Ropes & sails", "Sails by Müller", "at the quay"], '<?xml version="1.0"?><opml version="2.0"><head><title>Harbour</title></head>'
        '<body><outline text="Ropes &amp; sails" id="a-1"><outline text="Sails by M&uuml;ller"/><outline text="&#55357;&#56832; at the quay"/></outline></body></opml>', absent=["a-1"])
    put("roles.xml", "xml", ["The quay is open on the first day of May."], '<doc><p role="lead" lang="en">The quay is open on the first day of May.</p></doc>', absent=["lead"])
    put("attributes.xml", "xml", [FRENCH[0], "A & B"], f'<list xmlns="urn:a"><item name="{FRENCH[0]}"/><item name="A &amp; B"/></list>')
    put("smart-tags.html", "html", ["Hafen in Hamburg."], "<html><p>Hafen in <st1:City><st1:place>Ham</st1:place></st1:City>burg.")
    put("characters-with-readings.html", "html", ["東京都"], "<html><p><ruby>東<rp>(<rt>とう<rp>)<rb>京<rt>きょう</ruby>都", absent=["とう"])
    put("concealed.html", "html", ["Berth 42 End"], '<html><div style="color: red; Display: none">secret <div>secret</div> secret</div>Berth<span hidden> secret</span> 42'
        '<p hidden>secret<p>End<datalist><option>secret</datalist>', absent=["secret"])
    put("concealed-until-loaded.html", "html", FRENCH[:1], f'<html><body><div style="display:none"><p>{FRENCH[0]}</div>')
    put("concealed-main.html", "html", ["Harbour", FRENCH[0]], f'<html><title>Harbour</title><div id="app" style="display: none"><p>{FRENCH[0]}</div>')
    put("concealed-unclosed.html", "html", ["Berth 42 End a Heading c"], '<html><table><tr><td><p hidden>secret</td><td>Berth 42</td></table>End<p>'
        '<ul><li>a<li hidden><p>secret</p> secret</ul><h2>Heading</h2><ul><li>c</ul>', absent=["secret"])
    put("reading-unclosed.html", "html", ["東 京都"], "<html><p><ruby>東<rt>とう</p><p>京都", absent=["とう"])
    put("empty-reading.xml", "xml", ["Fish & chips"], '<?xml version="1.0"?><doc><rt/>Fish & chips</doc>')
    put("mixed.xml", "xml", ["An unbelievable quay, and more Note"], '<?xml version="1.0"?><doc><para>An un<b>believ</b>able <c>quay</c>, and<br/>more<note>Note</note></para></doc>')
    put("defined-entities.xml", "xml", ["Quai 4 & 5"], '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY q "Quai"> <!ENTITY n \'4 &amp; 5\'>]><a>&q; &n;</a>')
    put("file-within.xml", "xml", ["Berth", FRENCH[0]], f'<?xml version="1.0"?><a><b>Berth</b><c>{"JVBERi0xLjQK" * 90}</c><d>{FRENCH[0]}</d></a>', absent=["JVBERi"])
    put("news.xml", "xml", ["The quay is open."], '<?xml version="1.0"?><rss><channel><item><description>&lt;p&gt;The &lt;b&gt;quay&lt;/b&gt; is open.&lt;/p&gt;</description></item></channel></rss>', absent=["<"])
    put("styled.svg", "xml", ["Quay 4 Berth"], '<svg xmlns="http://www.w3.org/2000/svg"><style>.a{fill:red}</style><text>Qu<tspan>ay</tspan> 4<tspan x="0">Berth</tspan></text></svg>', absent=["fill"])
    put("unclosed.xml", "xml", GREEK, f'<?xml version="1.0"?><a><b>{GREEK[0]}</b><c>{GREEK[1]}</a>')


def texts(expect):
    """Plain texts in old encodings, and with bytes that do not belong there."""
    def put(name, phrases, data):
        expect(name, "text", phrases).write_bytes(data)
    for name, lines, encoding in [
        ("german-cp850.txt", GERMAN, "cp850"), ("french-macroman.txt", FRENCH, "mac_roman"), ("polish-cp852.txt", POLISH, "cp852"),
        ("russian-cp855.txt", RUSSIAN, "cp855"), ("russian-mac-cyrillic.txt", RUSSIAN, "mac_cyrillic"), ("greek-cp737.txt", GREEK, "cp737"),
        ("hungarian-1250.txt", HUNGARIAN, "cp1250"), ("hungarian-cp852.txt", HUNGARIAN, "cp852"), ("croatian-1250.txt", CROATIAN, "cp1250"),
        ("hungarian-short-1250.txt", ["Köszönjük a levelet, a tűzifa megérkezett."], "cp1250"),
        ("hungarian-short-852.txt", ["Előre is köszönöm a kerítést és a szőlőt."], "cp852"),
        ("polish-short-1250.txt", POLISH_SHORT, "cp1250"), ("lithuanian-1257.txt", LITHUANIAN, "cp1257"),
        ("german-capitals-cp850.txt", ["GRÖSSE DER DÜSE: GEPRÜFT VON JÖRG"], "cp850"), ("german-short-mac.txt", ["Mühle am Bächlein"], "mac_roman"),
        ("polish-mac.txt", POLISH, "mac_latin2"), ("greek-mac.txt", GREEK, "mac_greek"), ("hebrew-cp862.txt", HEBREW, "cp862"),
        ("pounds.txt", ["Berth: £45, ±15 minutes"], "cp1252"), ("pound.txt", ["Berth number four: £45"], "cp1252"),
        ("apostrophes.txt", ["I don´t know. It´s fine, O‘Neill."], "cp1252"), ("pointed.txt", ["Acme™Sails, wait…what, geht‘s"], "cp1252"),
        ("korean-johab.txt", KOREAN, "johab"), ("korean-iso-2022-kr.txt", KOREAN, "iso2022_kr"), ("chinese-hz.txt", CHINESE, "hz"),
        ("russian-utf16-no-bom.txt", RUSSIAN, "utf-16-le"), ("japanese-utf16-be-no-bom.txt", JAPANESE, "utf-16-be"),
        ("french-utf32.txt", FRENCH, "utf-32"), ("chinese-utf32-be-no-bom.txt", CHINESE, "utf-32-be"),
    ]:
        put(name, list(dict.fromkeys(lines)), "\n".join(lines).encode(encoding))
    put("taiwanese-euc-tw.txt", TAIWANESE, EUC_TW)
    joined = b"".join(character.encode("iso2022_jp_2") for character in f"{JAPANESE[1]}丂\n")
    put("japanese-joined-escapes.txt", [f"{JAPANESE[1]}丂"], joined)
    put("ship-in-surrogates.txt", [f"\U0001f6a2 {FRENCH[0]}"], f"\ud83d\udea2 {FRENCH[0]}".encode("utf-8", "surrogatepass"))
    put("old-record.txt", GERMAN, "\r\n".join([*GERMAN, "\x1aold text\0\1\2\3\4" * 3]).encode("cp850"))
    put("french-iso-8859-15.txt", ["La sœur du maître prête un œuf : 12 € à la fête."], "La sœur du maître prête un œuf : 12 € à la fête.".encode("iso8859-15"))
    for name, lines, bad in [("dutch-bad-byte.txt", DUTCH, b"\xff"), ("greek-bad-byte.txt", GREEK, b"\xce"), ("chinese-bad-byte.txt", CHINESE, b"\xe4\xb8")]:
        put(name, lines, f"{lines[0]}\n".encode() + bad + f"\n{lines[1]}".encode())
    put("end-of-file.txt", DUTCH, "\r\n".join([*DUTCH, "\x1a"]).encode())
    put("zeros.csv", ["berth;paid", "four;yes"], b"berth;paid\nthree;\0\0\nfour;yes\n" * 2)
    put("overstrike.txt", ["NAME", "mooring - ties a boat"], b"N\bNA\bAM\bME\bE\n_\bm_\boo_\bring - ties a boat\n")
    put("frame-cp437.txt", ["║ Berth ║"], "╔═══════╗\n║ Berth ║\n╚═══════╝\n".encode("cp437"))
    put("control.txt", ["oil the door and close it"], b"oil the door and close it\x1a")
    put("chat.txt", ["<Ada> the ferry leaves", "<Bo> and 3 < 4"], b"<Ada> the ferry leaves\n<Bo> and 3 < 4\n")
    put("title.log", ["at the quay the page"], b"\x1b]0;unseen\x07\x1b(Bat the quay \x1b]8;;unseen\x1b\\the page\x1b]8;;\x1b\\\n")
    put("terminal.log", [GERMAN[0], "paid"], f"\x1b[1;31m{GERMAN[0]}\x1b[0m\n\x1b[2Kpaid\n".encode())


def archives(expect):
    """Archives of several texts, and a book."""
    files = {"letters/werkstatt.txt": GERMAN[0].encode("cp1252"), "letters/lighthouse.txt": JAPANESE[0].encode("shift_jis"), "page.html": f"<p>{GREEK[0]}".encode()}
    found = ["letters/werkstatt.txt", GERMAN[0], JAPANESE[0], GREEK[0]]
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    with tarfile.open(fileobj=tarred, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    expect("letters.zip", "archive", found).write_bytes(zipped.getvalue())
    expect("letters.tar", "archive", found).write_bytes(tarred.getvalue())
    expect("letters.tar.gz", "archive", found).write_bytes(gzip.compress(tarred.getvalue(), mtime=0))
    expect("greek.txt.gz", "archive", GREEK).write_bytes(gzip.compress("\n".join(GREEK).encode("cp1253"), mtime=0))
    expect("nested.zip", "archive", ["inner.zip", *found]).write_bytes(zip_of({"inner.zip": zipped.getvalue()}))
    expect("letter.7z", "archive", ["greek.txt", *GREEK]).write_bytes(seven_zip("greek.txt", "\n".join(GREEK).encode()))
    page = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><p>{}</p></body></html>'
    package = f'<package xmlns:dc="urn:dc"><metadata><dc:title>{FRENCH[0]}</dc:title></metadata><manifest><item id="b" href="two%20b.xhtml"/>' \
              '<item id="a" href="one.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    container = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    expect("book.epub", "epub", [FRENCH[0], f"{RUSSIAN[0]} {RUSSIAN[1]}"]).write_bytes(zip_of({
        "mimetype": b"application/epub+zip", "META-INF/container.xml": container.encode(), "OPS/book.opf": package.encode(),
        "OPS/two b.xhtml": page.format(RUSSIAN[1]).encode(), "OPS/one.xhtml": page.format(RUSSIAN[0]).encode()}))


def tables(expect):
    """Tables of dBASE: one that names its encoding, and one that does not."""
    for name, lines, encoding, language in [("german.dbf", GERMAN, "cp850", 2), ("russian.dbf", RUSSIAN, "cp866", 0)]:
        fields = [(b"NAME", b"C", 80), (b"PAID", b"N", 8), (b"NOTE", b"M", 10)]
        described = b"".join(label.ljust(11, b"\0") + kind + bytes(4) + bytes([size]) + bytes(15) for label, kind, size in fields)
        size = 1 + sum(size for _, _, size in fields)
        head = struct.pack("<BBBBIHH", 3, 126, 3, 5, len(lines) + 1, 32 + len(described) + 1, size) + bytes(17) + bytes([language, 0, 0])
        records = b"".join(b" " + line.encode(encoding).ljust(80) + b"42.50".rjust(8) + bytes(10) for line in lines)
        expect(name, "dbf", ["NAME", "42.50", *lines]).write_bytes(head + described + b"\r" + records + b"*" + b"x" * (size - 1) + b"\x1a")


def zip_of(files):
    """A zip archive of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def seven_zip(name, data):
    """A 7z archive of one file, by LZMA2."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}]
    packed = lzma.compress(data, lzma.FORMAT_RAW, filters=filters)
    crc = struct.pack("<I", zlib.crc32(data))
    streams = b"\x04\x06\x00\x01\x09" + number(len(packed)) + b"\x00" \
        b"\x07\x0b\x01\x00\x01\x21\x21\x01\x08\x0c" + number(len(data)) + b"\x00\x08\x0a\x01" + crc + b"\x00\x00"
    label = b"\x00" + (name + "\0").encode("utf-16-le")
    header = b"\x01" + streams + b"\x05\x01\x11" + number(len(label)) + label + b"\x00\x00"
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def number(value):
    """A number of 7z."""
    return bytes([value]) if value < 128 else bytes([0x80 | value >> 8, value & 255])


def pictures(expect):
    """A picture most of whose bytes look like text."""
    rows = b"\xff" * 4096
    entries = [(256, 3, 1, 64), (257, 3, 1, 64), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
               (273, 4, 1, 98), (278, 3, 1, 64)]
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    expect("white.tiff", "image", no_text="image").write_bytes(b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + bytes(4) + rows)
