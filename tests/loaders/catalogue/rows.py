"""CSV that is not quite CSV: quotes, separators, encodings, line ends, headers."""

import codecs

from tests.loaders.catalogue.fault import Content, Fault

HEAD = "device_id,model\n"


def devices(
    what: str, content: Content, loaded: int | None, rejected: int = 0
) -> Fault:
    """A file of devices with this content."""
    return Fault(what, {"devices.csv": content}, loaded=loaded, rejected=rejected)


def utf16(text: str) -> bytes:
    """Return a text as Windows saves it when asked for Unicode."""
    return codecs.BOM_UTF16_LE + text.encode("utf-16-le")


ROWS = (
    devices("a row with too few values", HEAD + "d1,x\nd2\nd3,x\n", 2, 1),
    devices("a row with too many values", HEAD + "d1,x\nd2,x,y\nd3,x\n", 2, 1),
    devices("a comma too many at the end of each row", HEAD + "d1,x,\nd2,y,\n", 2),
    devices("a quote that is not closed", HEAD + 'd1,"x\nd2,y\nd3,z\n', 2, 1),
    devices("a quote inside a value", HEAD + 'd1,x"y\nd2,y\n', 2),
    devices("a value behind a closed quote", HEAD + 'd1,"x"y\nd2,y\n', 1, 1),
    devices("a quote escaped with a backslash", HEAD + 'd1,"x\\"y"\nd2,y\n', 1, 1),
    devices("a quote that is not closed at the end", HEAD + 'd1,x\nd2,"y', 1, 1),
    devices("single quotes around a comma", HEAD + "d1,'x,y'\nd2,y\n", 1, 1),
    devices("curly quotes", HEAD + "d1,“x”\n", 1),
    devices("a quoted line break", HEAD + 'd1,"x\ny"\nd2,z\n', 2),
    devices("a quote over 2,000 lines", HEAD + 'd1,"' + "x\n" * 2000 + '"\nd2,z\n', 2),
    devices("empty lines between rows", HEAD + "\nd1,x\n\n\nd2,y\n\n", 2),
    devices("a line of spaces", HEAD + "d1,x\n   \nd2,y\n", 2, 1),
    devices("a comment among the rows", HEAD + "# devices\nd1,x\n", 1, 1),
    devices("the header again in the middle", HEAD + "d1,x\n" + HEAD + "d2,y\n", 3),
    devices("no line feed at the end", HEAD + "d1,x\nd2,y", 2),
    devices("carriage returns alone as line ends", "device_id,model\rd1,x\rd2,y\r", 2),
    devices("line ends of Windows", "device_id,model\r\nd1,x\r\nd2,y\r\n", 2),
    devices("line ends of two kinds", "device_id,model\r\nd1,x\nd2,y\r\n", 2),
    devices("a byte order mark", "\ufeff" + HEAD + "d1,x\n", 1),
    devices(
        "a byte order mark and a quoted header", '\ufeff"device_id",model\nd1,x\n', 1
    ),
    devices("UTF-16", utf16(HEAD + "d1,x\n"), None),
    devices("UTF-32", (HEAD + "d1,x\n").encode("utf-32"), None),
    devices("a Chinese encoding", (HEAD + "d1,手机\nd2,y\n").encode("gb18030"), 1, 1),
    devices("a Western encoding", (HEAD + "d1,é\nd2,y\n").encode("latin-1"), 1, 1),
    devices(
        "two encodings in one file",
        HEAD.encode() + "d1,手机\n".encode() + "d2,手机\n".encode("gb18030"),
        1,
        1,
    ),
    devices(
        "half of a surrogate pair", HEAD.encode() + b"d1,\xed\xa0\x80\nd2,y\n", 1, 1
    ),
    devices("an overlong byte sequence", HEAD.encode() + b"d1,\xc0\xaf\nd2,y\n", 1, 1),
    devices("a NUL in a value", HEAD + "d1,x\0y\nd2,z\n", 2),
    devices("a file of NULs", b"\0" * 10_000, None),
    devices("random bytes", bytes((i * 7919) % 251 for i in range(4096)), None),
    devices("semicolons instead of commas", "device_id;model\nd1;x\n", 0, 1),
    devices("tabs instead of commas", "device_id\tmodel\nd1\tx\n", 0, 1),
    devices("a line that tells the separator", "sep=,\n" + HEAD + "d1,x\n", 0, 2),
    devices("a cell of 10 MB", HEAD + "d1," + "x" * 10_000_000 + "\nd2,y\n", 2),
    devices(
        "a quoted cell of 10 MB", HEAD + 'd1,"' + "x" * 10_000_000 + '"\nd2,y\n', 2
    ),
    devices("a cell of 20 MB", HEAD + "d1," + "x" * 20_000_000 + "\nd2,y\n", 1, 1),
    devices(
        "a quoted cell of 20 MB", HEAD + 'd1,"' + "x" * 20_000_000 + '"\nd2,y\n', 1, 1
    ),
    devices(
        "quotes that open and close on each of many lines",
        HEAD + ('d,"' + "x" * 20_000 + '\ny",z"\n') * 50,
        0,
        50,
    ),
    devices(
        "a quote that is not closed, and 20 MB after it",
        HEAD + 'd1,"x\n' + "".join(f"d{i},{'y' * 90}\n" for i in range(200_000)),
        200_000,
        1,
    ),
    devices("an id of 10 MB", HEAD + "d" * 10_000_000 + ",x\nd2,y\n", 1, 1),
    devices("a header of 2 MB", "device_id," + "x" * 2_000_000 + "\nd1,x\n", None),
    devices(
        "5,000 columns",
        "device_id,"
        + ",".join(f"x{i}" for i in range(4_999))
        + "\nd1"
        + "," * 4_999
        + "\n",
        1,
    ),
    devices("an empty file", "", 0),
    devices("a file of one line feed", "\n", 0),
    devices("a header and no rows", HEAD, 0),
    devices("a header without a line feed", "device_id,model", 0),
    devices("a column that is there twice", "device_id,model,model\nd1,x,y\n", None),
    devices("columns that differ by case only", "device_id,model,Model\nd1,x,y\n", 1),
    devices("a header in capital letters", "DEVICE_ID,MODEL\nd1,x\n", 0, 1),
    devices("a space in the header", "device_id, model\nd1,x\n", 1),
    devices("a column without a name", "device_id,,model\nd1,x,y\n", 1),
    devices(
        "a quote in the header that is not closed", '"device_id,model\nd1,x\n', None
    ),
    devices("a line break in the header", '"device\n_id",model\nd1,x\n', 0, 1),
    devices("a misspelt column", "device_id,modle\nd1,x\n", 1),
    devices("no header at all", "d1,x\nd2,y\n", 0, 1),
    devices("columns named as a reader's own", "device_id,file,row,c0\nd1,x,7,y\n", 1),
    devices("columns named as SQL", 'device_id,"a"";--",select\nd1,x,y\n', 1),
    devices("values that are all empty", HEAD + ",\n,\n", 0, 2),
    devices("a file in a language of spreadsheets", HEAD + '"=""d1""",x\n', 1),
    devices("rows of JSON", '{"device_id": "d1"}\n{"device_id": "d2"}\n', 0, 1),
    devices("an HTML page", "<html><body>Not found</body></html>\n", 0),
)
