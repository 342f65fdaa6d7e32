"""Edits of the small contract: which break peers or callers, and which do not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of the small contract, and the facts with which the guard should name it."""

    edits: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    # Parts of the sentences that say whom it breaks.
    harm: str = ""


COUNT = "  int32 count = 2;\n"

BREAKING = (
    Edit(
        (("RED = 1", "RED = 2"), ("BLUE = 2", "BLUE = 1")),
        (
            "enum value Colour.COLOUR_RED was 1 and is now 2",
            "enum value Colour.COLOUR_BLUE was 2 and is now 1",
        ),
        "peers of the last release take it for COLOUR_",
    ),
    Edit(
        (("COLOUR_BLUE = 2;", "reserved 2;"),),
        ('enum value Colour.COLOUR_BLUE was removed without `reserved "COLOUR_BLUE";`',),
        "programs that use it fail",
    ),
    Edit(
        (("COLOUR_BLUE", "COLOUR_NAVY"),),
        ("enum value Colour.COLOUR_BLUE is now called COLOUR_NAVY",),
        "programs that use the old name fail",
    ),
    Edit(
        (("10 to 20", "10 to 12, 16 to 20"),),
        ("Colour reserved the numbers 13 to 15 and no longer does",),
        "peers of older releases",
    ),
    Edit(
        (("20 to 29", "20 to 24, 26 to 29"), ("sint64 delta", "bool on = 25; sint64 delta")),
        ("Thing reserved the number 25 and now uses it for on",),
        "peers of older releases",
    ),
    Edit(
        (('  reserved "old";\n', ""), ("sint64 delta", "bool old = 40; sint64 delta")),
        ('Thing reserved the name "old" and now uses it for old',),
        "peers of older releases",
    ),
    Edit(
        (('  reserved "COLOUR_PINK";\n', ""),),
        ('Colour reserved the name "COLOUR_PINK" and no longer does',),
        "peers of older releases",
    ),
    Edit(
        (("count = 2", "count = 13"),),
        ("field Thing.count had number 2 and now has 13",),
        "protobuf peers of the last release do not find it",
    ),
    Edit(
        (("count = 2", "count = 3"), ("note = 3", "note = 2")),
        (
            "field Thing.count had number 2 and now has 3",
            "field Thing.note had number 3 and now has 2",
        ),
        "protobuf peers of the last release take",
    ),
    Edit(
        ((COUNT, ""),),
        ('field Thing.count was removed without `reserved 2; reserved "count";`',),
        "programs that use it fail",
    ),
    Edit(
        ((COUNT, '  reserved "count";\n'),),
        ("field Thing.count was removed without `reserved 2;`",),
        "programs that use it fail",
    ),
    Edit(
        ((COUNT, ""), ("delta = 12", "delta = 2")),
        (
            "field Thing.count was removed and its number 2 given to delta",
            "field Thing.delta had number 12 and now has 2",
        ),
        "peers of the last release",
    ),
    Edit(
        (("int32 count", "int32 number"),),
        ("field Thing.count is now called number",),
        "JSON peers of the last release ignore it",
    ),
    Edit(
        (("int32 count", "int64 count"),),
        ("field Thing.count was int32 and is now int64",),
        "peers of the last release fail in JSON, or read another number in protobuf, when a number "
        "is not from -2147483648 to 2147483647",
    ),
    Edit(
        (("int32 count", "uint32 count"),),
        ("field Thing.count was int32 and is now uint32",),
        "we or peers of the last release fail in JSON",
    ),
    Edit(
        (("bool active", "int32 active"),),
        ("field Thing.active was bool and is now int32",),
        "JSON peers of the last release fail, because only a bool",
    ),
    Edit(
        (("Colour colour", "int32 colour"),),
        ("field Thing.colour was Colour and is now int32",),
        "its type in Python changes, though no peer does",
    ),
    Edit(
        (("Colour colour", "int64 colour"),),
        ("field Thing.colour was Colour and is now int64",),
        "when a number is not from -2147483648",
    ),
    Edit(
        (("Colour colour", "Size colour"),),
        ("field Thing.colour was Colour and is now Size",),
        "give its numbers other meanings",
    ),
    Edit(
        (("optional string note", "optional bytes note"),),
        ("field Thing.note was optional string and is now optional bytes",),
        "bytes are written in base64",
    ),
    Edit(
        (("Part part", "bytes part"),),
        ("field Thing.part was Part and is now bytes",),
        "JSON peers of the last release fail",
    ),
    Edit(
        (("sint64 delta", "sfixed64 delta"),),
        ("field Thing.delta was sint64 and is now sfixed64",),
        "cannot read it, because it is written differently",
    ),
    Edit(
        (("int32 count", "optional int32 count"),),
        ("field Thing.count was int32 and is now optional int32",),
        "it is None where it was zero before",
    ),
    Edit(
        (("optional string note", "string note"),),
        ("field Thing.note was optional string and is now string",),
        "cannot tell a zero from an absent value",
    ),
    Edit(
        (("int32 count", "repeated int32 count"),),
        ("field Thing.count was int32 and is now repeated int32",),
        "a list is an array",
    ),
    Edit(
        (("repeated int32 numbers", "int32 numbers"),),
        ("field Thing.numbers was repeated int32 and is now int32",),
        "they send an array",
    ),
    Edit(
        (("map<string, int64> totals", "map<string, double> totals"),),
        ("field Thing.totals was map<string, int64> and is now map<string, double>",),
        "written differently",
    ),
    Edit(
        (("map<string, int64> totals", "map<int32, int64> totals"),),
        ("field Thing.totals was map<string, int64> and is now map<int32, int64>",),
        "cannot read its keys",
    ),
    Edit(
        (("map<string, int64> totals", "repeated Tool totals"),),
        ("field Thing.totals was map<string, int64> and is now repeated Tool",),
        "Go writes only a map as an object",
    ),
    Edit(
        (("Part part", "Tool part"),),
        ("field Thing.part was Part and is now Tool",),
        "read one message as another",
    ),
    Edit(
        (("active = 10;", 'active = 10 [json_name = "isActive"];'),),
        ('field Thing.active had json_name "active" and now has "isActive"',),
        "protobuf's own JSON",
    ),
    Edit(
        (("  bool active = 10;\n", ""), ("    bytes data", "    bool active = 10; bytes data")),
        ("field Thing.active was in no oneof and is now in oneof kind",),
        "under the name of the oneof",
    ),
    Edit(
        (("oneof kind", "oneof form"),),
        (
            "field Thing.text was in oneof kind and is now in oneof form",
            "field Thing.data was in oneof kind and is now in oneof form",
        ),
        "ask which member is set",
    ),
    Edit(
        (("  rpc Get(Ask) returns (Thing);\n", ""),),
        ("rpc Lab.Get was removed",),
        "UNIMPLEMENTED",
    ),
    Edit(
        (("rpc Get(Ask)", "rpc Get(Part)"),),
        ("the request of rpc Lab.Get was Ask and is now Part",),
        "read one message as another",
    ),
    Edit(
        (("Get(Ask) returns (Thing)", "Get(Ask) returns (Tool)"),),
        ("the response of rpc Lab.Get was Thing and is now Tool",),
        "read one message as another",
    ),
    Edit(
        (("rpc Get(Ask)", "rpc Get(stream Ask)"),),
        ("the request of rpc Lab.Get was one message and is now a stream",),
        "any other number of messages than one",
    ),
    Edit(
        (("(stream Thing)", "(Thing)"),),
        ("the response of rpc Lab.Watch was a stream and is now one message",),
        "any other number of messages than one",
    ),
    Edit(
        (("service Lab", "service Laboratory"),),
        ("service Lab is now called Laboratory",),
        "UNIMPLEMENTED",
    ),
    Edit(
        (("package lab.v1", "package lab.v2"),),
        ("the package was lab.v1 and is now lab.v2",),
        "the paths of all rpcs change",
    ),
    Edit(
        (("message Tool {\n  int64 price = 1;\n}\n", ""),),
        ("message Tool was removed",),
        "programs that use it fail",
    ),
    Edit(
        (("message Part", "message Piece"), ("Part part", "Piece part")),
        ("message Part is now called Piece",),
        "programs that use the old name fail",
    ),
    Edit(
        (("enum Size {\n  SIZE_NONE = 0;\n}\n", ""),),
        ("enum Size was removed",),
        "programs that use it fail",
    ),
)

COMPATIBLE = (
    Edit((("sint64 delta", "// How much.\n  sint64 delta"),), ()),
    Edit((("package lab.v1;", 'package lab.v1;\noption go_package = "lab";'),), ()),
    Edit(
        (
            ("enum Size {\n  SIZE_NONE = 0;\n}\n", ""),
            ("message Ask", "enum Size { SIZE_NONE = 0; }\nmessage Ask"),
        ),
        (),
    ),
    Edit(
        (("sint64 delta", "int64 extra = 13;\n  sint64 delta"),),
        ("field Thing.extra was added, int64 with number 13",),
    ),
    Edit(
        (("sint64 delta", "optional string extra = 13;\n  sint64 delta"),),
        ("field Thing.extra was added, optional string with number 13",),
    ),
    Edit(
        (("sint64 delta", "map<string, Part> extra = 13;\n  sint64 delta"),),
        ("field Thing.extra was added, map<string, Part> with number 13",),
    ),
    Edit(
        (("sint64 delta", "oneof way { bool up = 13; bool down = 14; }\n  sint64 delta"),),
        (
            "field Thing.up was added, bool with number 13",
            "field Thing.down was added, bool with number 14",
        ),
    ),
    Edit(
        (("    bytes data", "    bool extra = 13;\n    bytes data"),),
        ("field Thing.extra was added, bool with number 13",),
    ),
    Edit(
        (("bool on = 1;", "bool on = 1;\n    bool off = 2;"),),
        ("field Thing.Inner.off was added, bool with number 2",),
    ),
    Edit(
        (("COLOUR_BLUE = 2;", "COLOUR_BLUE = 2;\n  COLOUR_GREEN = 3;"),),
        ("enum value Colour.COLOUR_GREEN was added with number 3",),
    ),
    Edit(
        (("COLOUR_BLUE = 2;", "option allow_alias = true; COLOUR_BLUE = 2; COLOUR_NAVY = 2;"),),
        ("enum value Colour.COLOUR_NAVY was added with number 2",),
    ),
    Edit((("message Ask", "message Extra {}\nmessage Ask"),), ("message Extra was added",)),
    Edit((("message Ask", "enum Extra { NO = 0; }\nmessage Ask"),), ("enum Extra was added",)),
    Edit((("service Lab", "service Extra {}\nservice Lab"),), ("service Extra was added",)),
    Edit(
        (("  rpc Get", "  rpc Put(stream Thing) returns (Ask);\n  rpc Get"),),
        ("rpc Lab.Put was added",),
    ),
    Edit(
        ((COUNT, '  reserved 2;\n  reserved "count";\n'),),
        ("field Thing.count was removed, and what it had is reserved",),
    ),
    Edit(
        (("  COLOUR_BLUE = 2;\n", '  reserved 2; reserved "COLOUR_BLUE";\n'),),
        ("enum value Colour.COLOUR_BLUE was removed, and what it had is reserved",),
    ),
    Edit(
        (("20 to 29;", "20 to 40; reserved 13, 15 to 16;"),),
        (
            "Thing now reserves the number 13",
            "Thing now reserves the numbers 15 to 16",
            "Thing now reserves the numbers 30 to 40",
        ),
    ),
    Edit((('"old"', '"old", "older"'),), ('Thing now reserves the name "older"',)),
    Edit(
        (("Part part", "optional Part part"),),
        ("field Thing.part was Part and is now optional Part",),
    ),
    Edit(
        (("optional Inner inner", "Inner inner"),),
        ("field Thing.inner was optional Thing.Inner and is now Thing.Inner",),
    ),
    Edit(
        (("numbers = 4;", "numbers = 4 [packed = false];"),),
        ("field Thing.numbers is now written one by one; both forms are read",),
    ),
    Edit(
        (("active = 10;", "active = 10 [deprecated = true];"),),
        ("field Thing.active is now deprecated",),
    ),
    Edit(
        (("BLUE = 2;", "BLUE = 2 [deprecated = true];"),),
        ("enum value Colour.COLOUR_BLUE is now deprecated",),
    ),
    Edit(
        (("message Tool {", "message Tool {\n  option deprecated = true;"),),
        ("message Tool is now deprecated",),
    ),
    Edit(
        (("returns (stream Thing);", "returns (stream Thing) { option deprecated = true; }"),),
        ("rpc Lab.Watch is now deprecated",),
    ),
)
