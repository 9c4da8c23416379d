//! `pg32 lsp`: the language server, on standard input and output. What it knows comes from the assembler's `analysis`; here
//! are only the protocol and the open documents.

use crate::args::LspArgs;
use crate::failure::{Failure, Status};
use crate::guests;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use pg32_assembler::analysis::{self, Defines, Proposed};
use pg32_assembler::{Assembly, Diagnostic, File, FileError, Files, Input, Options, Severity, Span, format};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub(crate) fn command(args: &LspArgs) -> Result<Status, Failure> {
    let loader = guests::loader(&args.source)?;
    let (connection, threads) = Connection::stdio();
    let capabilities = json!({
        "textDocumentSync": 1,
        "hoverProvider": true,
        "definitionProvider": true,
        "referencesProvider": true,
        "documentSymbolProvider": true,
        "documentFormattingProvider": true,
        "completionProvider": { "triggerCharacters": ["."] },
    });
    connection.initialize(capabilities).map_err(Failure::usage)?;
    let mut server = Server {
        connection: &connection,
        include: loader.include,
        options: loader.options,
        documents: BTreeMap::new(),
        published: BTreeMap::new(),
    };
    server.run()?;
    drop(connection);
    threads.join().map_err(Failure::usage)?;
    Ok(Status::Holds)
}

struct Server<'c> {
    connection: &'c Connection,
    include: Vec<PathBuf>,
    options: Options,
    /// The open documents, by path.
    documents: BTreeMap<String, String>,
    /// For each open document, the files that its diagnostics were sent for.
    published: BTreeMap<String, BTreeSet<String>>,
}

impl Server<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        for message in &self.connection.receiver {
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request).map_err(Failure::usage)? {
                        return Ok(());
                    }
                    let response = self.answer(&request);
                    self.send(Message::Response(response))?;
                }
                Message::Notification(notification) => self.note(&notification)?,
                Message::Response(_) => {}
            }
        }
        Ok(())
    }

    fn send(&self, message: Message) -> Result<(), Failure> {
        self.connection.sender.send(message).map_err(Failure::usage)
    }

    fn note(&mut self, notification: &Notification) -> Result<(), Failure> {
        let params = &notification.params;
        let Some(path) = path_of(&params["textDocument"]["uri"]) else { return Ok(()) };
        let text = match notification.method.as_str() {
            "textDocument/didOpen" => &params["textDocument"]["text"],
            "textDocument/didChange" => &params["contentChanges"][0]["text"],
            "textDocument/didClose" => {
                self.documents.remove(&path);
                return self.publish(&path, Vec::new());
            }
            _ => return Ok(()),
        };
        self.documents.insert(path.clone(), text.as_str().unwrap_or_default().to_string());
        let assembly = self.assemble(&path);
        let mut diagnostics = Vec::new();
        for diagnostic in &assembly.diagnostics {
            let span = diagnostic.span().map(|span| assembly.sources.in_file(span));
            let (file, range) = match span {
                Some(span) => (assembly.sources.get(span.source).name.clone(), range(&assembly, span)),
                None => (path.clone(), json!({"start": position("", 0), "end": position("", 0)})),
            };
            diagnostics.push((file, shown(&assembly, diagnostic, range)));
        }
        self.publish(&path, diagnostics)
    }

    /// Sends diagnostics, and takes back those of files that have none any more.
    fn publish(&mut self, path: &str, diagnostics: Vec<(String, Value)>) -> Result<(), Failure> {
        let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for file in self.published.remove(path).unwrap_or_default() {
            by_file.insert(file, Vec::new());
        }
        by_file.entry(path.to_string()).or_default();
        let mut files = BTreeSet::new();
        for (file, diagnostic) in diagnostics {
            files.insert(file.clone());
            by_file.entry(file).or_default().push(diagnostic);
        }
        self.published.insert(path.to_string(), files);
        for (file, list) in by_file {
            let params = json!({ "uri": uri_of(&file), "diagnostics": list });
            let method = "textDocument/publishDiagnostics".to_string();
            self.send(Message::Notification(Notification { method, params }))?;
        }
        Ok(())
    }

    fn assemble(&self, path: &str) -> Assembly {
        let text = self.documents.get(path).cloned().unwrap_or_default();
        let input = Input { name: path.to_string(), bytes: text.into_bytes() };
        let files = Overlay { documents: &self.documents, include: &self.include };
        pg32_assembler::assemble_owned(vec![input], &files, &self.options)
    }

    fn answer(&self, request: &Request) -> Response {
        let params = &request.params;
        let id = request.id.clone();
        let Some(path) = path_of(&params["textDocument"]["uri"]) else {
            let message = format!("{} is not known here", request.method);
            return Response::new_err(id, ErrorCode::MethodNotFound as i32, message);
        };
        let text = self.documents.get(&path).map_or("", String::as_str);
        let offset = offset(text, &params["position"]);
        let word = analysis::word_at(text, offset).map(|range| (&text[range.clone()], range));
        let result = match (request.method.as_str(), word) {
            ("textDocument/hover", Some((word, range))) => {
                let shown = analysis::hover(word, &self.assemble(&path));
                let place = json!({"start": position(text, range.start), "end": position(text, range.end)});
                shown.map_or(
                    Value::Null,
                    |s| json!({"contents": {"kind": "markdown", "value": s}, "range": place}),
                )
            }
            ("textDocument/definition", Some((word, _))) => self.places(&path, word, true),
            ("textDocument/references", Some((word, _))) => self.places(&path, word, false),
            ("textDocument/hover" | "textDocument/definition" | "textDocument/references", None) => {
                Value::Null
            }
            ("textDocument/completion", _) => self.completion(&path, text, offset),
            ("textDocument/documentSymbol", _) => self.symbols(&path),
            ("textDocument/formatting", _) => {
                let new = format::format(text);
                let whole = json!({"start": position(text, 0), "end": position(text, text.len())});
                if new == text { json!([]) } else { json!([{"range": whole, "newText": new}]) }
            }
            (method, _) => {
                let message = format!("{method} is not known here");
                return Response::new_err(id, ErrorCode::MethodNotFound as i32, message);
            }
        };
        Response::new_ok(id, result)
    }

    fn places(&self, path: &str, word: &str, definitions: bool) -> Value {
        let assembly = self.assemble(path);
        let found = analysis::occurrences(&assembly);
        let wanted = found.iter().filter(|o| o.name == word && (o.defines.is_some() || !definitions));
        let place = |o: &analysis::Occurrence| {
            let name = &assembly.sources.get(o.span.source).name;
            json!({"uri": uri_of(name), "range": range(&assembly, o.span)})
        };
        wanted.map(place).collect()
    }

    fn completion(&self, path: &str, text: &str, offset: usize) -> Value {
        let list = analysis::completion(text, offset, &self.assemble(path));
        let item = |(label, kind, detail): (String, Proposed, String)| {
            // The protocol's numbers: keyword, variable, constant, function.
            let kind = match kind {
                Proposed::Word => 14,
                Proposed::Register => 6,
                Proposed::Symbol => 21,
                Proposed::Macro => 3,
            };
            json!({"label": label, "kind": kind, "detail": detail})
        };
        list.into_iter().map(item).collect()
    }

    fn symbols(&self, path: &str) -> Value {
        let assembly = self.assemble(path);
        let own = |o: &analysis::Occurrence| assembly.sources.get(o.span.source).name == path;
        let symbol = |o: analysis::Occurrence| {
            // The protocol's numbers: function, constant, method.
            let kind = match o.defines? {
                Defines::Label => 12,
                Defines::Value => 14,
                Defines::Macro => 6,
            };
            let place = range(&assembly, o.span);
            Some(json!({"name": o.name, "kind": kind, "range": place, "selectionRange": place}))
        };
        analysis::occurrences(&assembly).into_iter().filter(own).filter_map(symbol).collect()
    }
}

fn shown(assembly: &Assembly, diagnostic: &Diagnostic, range_of: Value) -> Value {
    let severity = match diagnostic.severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    };
    let mut message = diagnostic.message.clone();
    for part in diagnostic.help.iter().chain(&diagnostic.notes) {
        message.push('\n');
        message.push_str(part);
    }
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .skip(1)
        .map(|label| {
            let span = assembly.sources.in_file(label.span);
            let uri = uri_of(&assembly.sources.get(span.source).name);
            json!({"location": {"uri": uri, "range": range(assembly, span)}, "message": label.text})
        })
        .collect();
    json!({
        "range": range_of,
        "severity": severity,
        "code": diagnostic.code.id(),
        "source": "pg32",
        "message": message,
        "relatedInformation": related,
    })
}

fn range(assembly: &Assembly, span: Span) -> Value {
    let text = &assembly.sources.get(span.source).text;
    let range = assembly.sources.range(span);
    json!({"start": position(text, range.start), "end": position(text, range.end)})
}

/// A byte offset as the protocol has it: line and UTF-16 code unit, both from 0.
fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    let line = before.bytes().filter(|b| *b == b'\n').count();
    json!({"line": line, "character": before[start..].encode_utf16().count()})
}

/// The byte offset of a position; the nearest there is for one that lies outside the text.
fn offset(text: &str, position: &Value) -> usize {
    let (line, wanted) =
        (position["line"].as_u64().unwrap_or(0), position["character"].as_u64().unwrap_or(0));
    let mut start = 0;
    for _ in 0..line {
        match text[start..].find('\n') {
            Some(end) => start += end + 1,
            None => return text.len(),
        }
    }
    let end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    let mut units = 0;
    for (at, character) in text[start..end].char_indices() {
        if units >= wanted {
            return start + at;
        }
        units += character.len_utf16() as u64;
    }
    end
}

/// The path in a `file:` address; any other address stands for itself.
fn path_of(uri: &Value) -> Option<String> {
    let uri = uri.as_str()?;
    let Some(encoded) = uri.strip_prefix("file://") else { return Some(uri.to_string()) };
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        let digits = (byte == b'%').then(|| rest.clone().take(2).map(char::from).collect::<String>());
        match digits.and_then(|d| u8::from_str_radix(&d, 16).ok()) {
            Some(value) => {
                bytes.push(value);
                rest.nth(1);
            }
            None => bytes.push(byte),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn uri_of(path: &str) -> String {
    if path.contains("://") {
        return path.to_string();
    }
    let mut uri = String::from("file://");
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(byte.into())
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// Files as the editor has them, else as they are on disk.
struct Overlay<'s> {
    documents: &'s BTreeMap<String, String>,
    include: &'s [PathBuf],
}

impl Files for Overlay<'_> {
    fn read(&self, name: &str, from: &str, limit: u64) -> Result<File, FileError> {
        let beside = Path::new(from).parent().unwrap_or(Path::new(""));
        for folder in std::iter::once(beside).chain(self.include.iter().map(PathBuf::as_path)) {
            let path = folder.join(name);
            let shown = path.to_string_lossy().into_owned();
            if let Some(text) = self.documents.get(&shown) {
                return Ok(File { name: shown, bytes: text.clone().into_bytes() });
            }
            let Ok(metadata) = std::fs::metadata(&path) else { continue };
            if metadata.len() > limit {
                return Err(FileError::TooLarge);
            }
            let bytes = std::fs::read(&path).map_err(|e| FileError::Other(e.to_string()))?;
            return Ok(File { name: shown, bytes });
        }
        Err(FileError::NotFound)
    }
}
