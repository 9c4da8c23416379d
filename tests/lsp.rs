//! The language server, as an editor talks to it: one session over its standard input and output.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const SOURCE: &str = "        .text\n_start: addi a0, a0, 5000\n        j done\ndone:   halt\n";

struct Editor {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last_id: u64,
}

impl Editor {
    fn start() -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_pg32"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let to = server.stdin.take().expect("it is piped");
        let from = BufReader::new(server.stdout.take().expect("it is piped"));
        Editor { server, to, from, last_id: 0 }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server listens");
        self.to.flush().expect("the server listens");
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.from.read_line(&mut line).expect("the server speaks");
            match line.trim().split_once(": ") {
                Some(("Content-Length", number)) => length = number.parse().expect("a number"),
                Some(_) => {}
                None => break,
            }
        }
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes).expect("as many bytes as announced");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The result of a request; notifications on the way are passed over.
    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id {
                return message["result"].clone();
            }
        }
    }

    /// The next diagnostics that the server publishes.
    fn diagnostics(&mut self) -> Value {
        loop {
            let message = self.receive();
            if message["method"] == "textDocument/publishDiagnostics" {
                return message["params"]["diagnostics"].clone();
            }
        }
    }
}

#[test]
fn an_editors_session() {
    let uri = "file:///nowhere/guest.s";
    let document = json!({ "uri": uri });
    let at = |line: u32, character: u32| json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
    let mut editor = Editor::start();
    let answer = editor.request("initialize", &json!({ "capabilities": {} }));
    assert_eq!(answer["capabilities"]["hoverProvider"], true);
    editor.notify("initialized", &json!({}));

    let opened = json!({ "uri": uri, "languageId": "pg32", "version": 1, "text": SOURCE });
    editor.notify("textDocument/didOpen", &json!({ "textDocument": opened }));
    let found = editor.diagnostics();
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!((&found[0]["code"], &found[0]["range"]["start"]["line"]), (&json!("E0303"), &json!(1)));

    let hover = editor.request("textDocument/hover", &at(1, 9)).to_string();
    assert!(hover.contains("rd = rs1 + imm"), "{hover}");
    let definition = editor.request("textDocument/definition", &at(2, 11)).to_string();
    assert!(definition.contains("\"line\":3"), "{definition}");
    let mut references = at(3, 1);
    references["context"] = json!({ "includeDeclaration": true });
    let references = editor.request("textDocument/references", &references);
    assert_eq!(references.as_array().map(Vec::len), Some(2), "{references}");
    let symbols =
        editor.request("textDocument/documentSymbol", &json!({ "textDocument": document })).to_string();
    assert!(symbols.contains("_start") && symbols.contains("done"), "{symbols}");
    let completion = editor.request("textDocument/completion", &at(2, 11)).to_string();
    assert!(completion.contains("done"), "{completion}");

    let change = json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": "_start: halt\n" }] });
    editor.notify("textDocument/didChange", &change);
    assert_eq!(editor.diagnostics(), json!([]), "the mistake is mended");

    assert_eq!(editor.request("shutdown", &Value::Null), Value::Null);
    editor.notify("exit", &Value::Null);
    assert!(editor.server.wait().expect("the server ends").success());
}

/// A client that goes away, or talks nonsense, ends the server with an error and no panic.
#[test]
fn nonsense_ends_the_session() {
    for nonsense in
        ["", "hello\r\n\r\n", "Content-Length: 5\r\n\r\n{]}{[", "Content-Length: 99999999999\r\n\r\n{}"]
    {
        let mut server = Command::new(env!("CARGO_BIN_EXE_pg32"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        // The server may have gone before everything is said.
        let _ = server.stdin.take().expect("it is piped").write_all(nonsense.as_bytes());
        let output = server.wait_with_output().expect("the server ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && !said.contains("this is a bug"), "{nonsense:?}: {said}");
    }
}
