/// A model in OpenVINO's IR (version 11): XML whose constants lie, by offset and size, in one buffer.
///
/// Operations and attributes are those of the published operation sets (opset1…13).
struct ModelGraph {
    /// Output of a layer, for use as another's input.
    struct Node {
        fileprivate var layer: Int
        fileprivate var port: Int
    }

    /// -1 is a dimension that differs from call to call.
    typealias Shape = [Int]

    /// Small constants that belong directly behind the weights.
    private(set) var constants: [UInt8] = []
    private let constantsOffset: Int
    private var layers = ""
    private var edges = ""
    private var count = 0

    /// - Parameter weightBytes: size of the weights' file; a multiple of 4.
    init(weightBytes: Int) { constantsOffset = weightBytes }

    var xml: String {
        "<?xml version=\"1.0\"?><net name=\"encoder\" version=\"11\"><layers>\(layers)</layers>"
            + "<edges>\(edges)</edges></net>"
    }

    mutating func parameter(_ shape: Shape, _ type: Element) -> Node {
        let dimensions = shape.map { $0 < 0 ? "?" : String($0) }.joined(separator: ",")
        return layer(
            "Parameter", "opset1", [("shape", dimensions), ("element_type", type.name)], [], shape,
            type)
    }

    mutating func weight(_ tensor: Safetensors.Tensor, as shape: Shape? = nil) -> Node {
        let shape = shape ?? tensor.shape
        return constant(shape, .f32, offset: tensor.offset, size: shape.reduce(4, *))
    }

    mutating func integers(_ values: [Int32], shape: Shape? = nil) -> Node {
        let offset = constantsOffset + constants.count
        for value in values {
            withUnsafeBytes(of: value.littleEndian) { constants.append(contentsOf: $0) }
        }
        return constant(shape ?? [values.count], .i32, offset: offset, size: 4 * values.count)
    }

    private mutating func constant(_ shape: Shape, _ type: Element, offset: Int, size: Int) -> Node {
        layer(
            "Const", "opset1",
            [
                ("element_type", type.name), ("shape", shape.map(String.init).joined(separator: ", ")),
                ("offset", String(offset)), ("size", String(size)),
            ], [], shape, type)
    }

    mutating func operation(
        _ type: String, _ attributes: [(String, String)], _ inputs: [Node], _ shape: Shape,
        opset: String = "opset1"
    ) -> Node {
        layer(type, opset, attributes, inputs, shape, .f32)
    }

    mutating func result(_ node: Node) {
        _ = layer("Result", "opset1", [], [node], nil, .f32)
    }

    enum Element {
        case f32
        case i32
        var name: String { self == .f32 ? "f32" : "i32" }
        var precision: String { self == .f32 ? "FP32" : "I32" }
    }

    private mutating func layer(
        _ type: String, _ opset: String, _ attributes: [(String, String)], _ inputs: [Node],
        _ shape: Shape?, _ element: Element
    ) -> Node {
        let id = count
        count += 1
        layers += "<layer id=\"\(id)\" name=\"\(type)\(id)\" type=\"\(type)\" version=\"\(opset)\">"
        if !attributes.isEmpty {
            layers += "<data" + attributes.map { " \($0.0)=\"\($0.1)\"" }.joined() + "/>"
        }
        if !inputs.isEmpty {
            layers += "<input>" + inputs.indices.map { "<port id=\"\($0)\"/>" }.joined() + "</input>"
        }
        for (port, input) in inputs.enumerated() {
            edges += "<edge from-layer=\"\(input.layer)\" from-port=\"\(input.port)\""
            edges += " to-layer=\"\(id)\" to-port=\"\(port)\"/>"
        }
        if let shape {
            let dimensions = shape.map { "<dim>\($0)</dim>" }.joined()
            layers += "<output><port id=\"\(inputs.count)\" precision=\"\(element.precision)\">"
            layers += "\(dimensions)</port></output>"
        }
        layers += "</layer>"
        return Node(layer: id, port: inputs.count)
    }
}
