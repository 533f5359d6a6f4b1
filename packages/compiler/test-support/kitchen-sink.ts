/** Every construct of the schema language at least once: types, annotations, constraints, interfaces, cardinalities. */
export const KITCHEN_SINK_SCHEMA = `// Everything the schema language has.
interface Labelled {
    label: String @index
    note: String?
}
interface Located { lat: F64?  lon: F64? }
interface Empty {}

node Plant @description("A catalogued specimen") @instruction("Prefer accession") @owner("herbarium", team="b", rank=2)
  implements Labelled, Located {
    accession: String @key
    height_cm: F32?
    light: enum(shade, half, full)
    kind: enum(2year, _x, -y, annual)? @index
    photo: Blob?
    traits: [String]?
    counts: [I64]
    image_vec: Vector(4)? @embed("label", model="clip-512") @index
    sowed: Date? @description("day of sowing\\n\\"outdoors\\"")
    seen: DateTime?
    hardy: Bool @default(true)
    a_i32: I32? b_i64: I64? c_u32: U32? d_u64: U64? e_f64: F64?
    tag: String? @unique
    @range(height_cm, 0.0..5000.0)
    @range(a_i32, -5..)
    @range(c_u32, ..9)
    @range(d_u64, 0..18446744073709551615)
    @check(accession, "^PL-[0-9]{6}$")
    @unique(b_i64, c_u32)
    @index(light, kind)
}
node Bed { row: String bay: I32 @key(row, bay) }
node Visit @rename_from("Stay") { /* keyless */ remark: String? @rename_from(comment) }
node Labelled implements Labelled { label: String @unique }

edge GrowsIn: Plant -> Bed @card(0..1) @description("current location") {
    since: Date?
    weight: F64? @index
    @index(src)
    @unique(src, dst)
}
edge Seen: Visit -> Plant @card(1..)
edge Next: Plant -> Plant
edge Plant: Bed -> Bed {}
`;
