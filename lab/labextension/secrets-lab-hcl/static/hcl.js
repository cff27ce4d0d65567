/**
 * The tokens of Terraform's language, as a stream parser for CodeMirror's StreamLanguage.
 *
 * It needs nothing but the stream that it is handed, so tests can run it without an editor. It never refuses
 * anything: a file is wrong most of the time while it is being written, and a quote that was forgotten must not colour
 * the rest of it.
 *
 * Source of the rules: HCL native syntax specification, "Lexical Elements" and "Template Expressions".
 */

/** Block types that open a statement at the top of a file, coloured before their `{` is typed. */
const TOP_BLOCKS = new Set([
  'check', 'data', 'ephemeral', 'import', 'locals', 'module', 'moved', 'output', 'provider', 'removed', 'resource',
  'terraform', 'variable'
]);
const EXPRESSION_WORDS = new Set(['for', 'if', 'in']);
const DIRECTIVE_WORDS = new Set(['else', 'endfor', 'endif', 'for', 'if', 'in']);
const LITERALS = new Set(['true', 'false', 'null']);
const TYPES = new Set(['any', 'bool', 'number', 'string']);
/** Names that Terraform itself gives a meaning when they begin a reference. */
const ROOTS = new Set(['count', 'data', 'each', 'local', 'module', 'path', 'self', 'terraform', 'var']);
const CLOSERS = { '{': '}', '[': ']', '(': ')', '${': '}', '%{': '}' };

const MAGIC = /^%%hcl(?![\w-])/;
const NAME = /^[\p{ID_Start}_][\p{ID_Continue}-]*/u;
const NUMBER = /^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/;
const HEREDOC = /^<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)\s*$/u;
/** What follows the name of a block: labels, each after a space (without it this could backtrack for ever), and `{`. */
const BLOCK_HEADER = /^(?:\s+"[^"\n]*"|\s+[\w-]+)*\s*\{/;
const ASSIGNMENT = /^\s*(?:=(?!=)|:)/;
const OPERATOR = /^(?:==|!=|<=|>=|&&|\|\||=>|[-+*/%<>!=?:])/;
const TEXT = /^(?:[^"\\$%]|[$%](?!\{|[$%]\{))+/;
const HEREDOC_TEXT = /^(?:[^$%]|[$%](?!\{|[$%]\{))+/;
const ESCAPE = /^(?:\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)?|\$\$\{|%%\{)/;

/**
 * Where we are: a linked list, never changed in place, so that a copy of the state is a copy of its fields.
 * kind: `top`, an opening bracket, `"` for a string, `<<` for a heredoc (with its closing word), `/*` for a comment.
 */
function within(parent, kind, line, word = '') {
  return Object.freeze({ kind, parent, line, word });
}

const TOP = within(null, 'top', 0);

function startState() {
  return {
    context: TOP,
    line: 0,
    statement: true, // the next name begins an argument or a block
    header: false, // between a block's type and its `{`
    dot: false, // the last token was a dot
    begun: false, // something was read that is not white space
    magic: false // we are on the line of the magic
  };
}

function open(state, kind, word) {
  state.context = within(state.context, kind, state.line, word);
}

function close(state) {
  state.context = state.context.parent ?? TOP;
}

function token(stream, state) {
  if (stream.sol()) {
    startOfLine(state);
  }
  switch (state.context.kind) {
    case '/*':
      return blockComment(stream, state);
    case '"':
      return quoted(stream, state);
    case '<<':
      return heredoc(stream, state);
    default:
      return code(stream, state);
  }
}

function startOfLine(state) {
  state.line += 1;
  state.magic = false;
  state.header = false;
  state.dot = false;
  if (state.context.kind === '"') {
    close(state); // a quoted string ends on its line, closed or not
  }
  state.statement = holdsStatements(state.context);
}

function holdsStatements(context) {
  const { kind } = context.kind === '/*' ? context.parent : context;
  return kind === 'top' || kind === '{';
}

function blockComment(stream, state) {
  if (stream.skipTo('*/')) {
    stream.match('*/');
    close(state);
  } else {
    stream.skipToEnd();
  }
  return 'comment';
}

function quoted(stream, state) {
  if (stream.eat('"')) {
    close(state);
    return 'string';
  }
  return template(stream, state) ?? (stream.match(TEXT) || stream.next(), 'string');
}

function heredoc(stream, state) {
  if (stream.sol() && stream.string.trim() === state.context.word) {
    stream.skipToEnd();
    close(state);
    return 'string.special';
  }
  if (stream.eat('\\')) {
    return 'string'; // no escapes here, but for the doubled `$` and `%`
  }
  return template(stream, state) ?? (stream.match(HEREDOC_TEXT) || stream.next(), 'string');
}

/** An escape, or the beginning of an interpolation or a directive; null for plain text. */
function template(stream, state) {
  if (stream.match(ESCAPE)) {
    return 'string.special';
  }
  const opening = stream.match(/^([$%]\{)~?/);
  if (!opening) {
    return null;
  }
  open(state, opening[1]);
  state.dot = state.statement = false;
  return 'string.special';
}

function code(stream, state) {
  if (stream.eatSpace()) {
    return null;
  }
  if (!state.begun) {
    state.begun = true;
    if (stream.match(MAGIC)) {
      state.magic = true;
      return 'meta';
    }
  } else if (state.magic) {
    stream.skipToEnd(); // the path that the magic is given
    return 'string';
  }
  if (stream.match(/^(?:#|\/\/)/)) {
    stream.skipToEnd();
    return 'comment';
  }
  if (stream.match('/*')) {
    open(state, '/*');
    return 'comment';
  }
  const dot = state.dot;
  state.dot = false;
  if (stream.peek() === '"') {
    return string(stream, state);
  }
  const name = stream.match(NAME);
  if (name) {
    return word(name[0], stream, state, dot);
  }
  const statement = state.statement;
  state.statement = false;
  if (stream.match(NUMBER)) {
    return dot ? 'propertyName' : 'number'; // a.0.b is an older way to write a[0].b
  }
  const opening = stream.match(HEREDOC);
  if (opening) {
    open(state, '<<', opening[1]);
    return 'string.special';
  }
  return sign(stream, state, statement);
}

/** A quoted string's opening quote, or all of it where it is a name: a block's label, an object's key. */
function string(stream, state) {
  if (state.header && stream.match(/^"[^"\n]*"?/)) {
    return 'variableName.definition';
  }
  if (state.statement && stream.match(/^"(?:[^"\\$%\n]|\\.)*"(?=\s*[=:])/)) {
    state.statement = false;
    return 'propertyName';
  }
  state.statement = false;
  stream.next();
  open(state, '"');
  return 'string';
}

function word(name, stream, state, dot) {
  if (state.statement) {
    state.statement = false;
    if (stream.match(ASSIGNMENT, false)) {
      return 'propertyName';
    }
    const block = stream.match(BLOCK_HEADER, false);
    if (block || (state.context === TOP && TOP_BLOCKS.has(name))) {
      state.header = true;
      return 'keyword';
    }
  }
  if (state.header) {
    return 'variableName.definition'; // HCL allows a label without quotes
  }
  if (dot) {
    return 'propertyName';
  }
  const words = state.context.kind === '%{' ? DIRECTIVE_WORDS : EXPRESSION_WORDS;
  if (words.has(name)) {
    return 'keyword';
  }
  if (LITERALS.has(name)) {
    return 'atom';
  }
  if (stream.match(/^(?:::[\w-]+)*\(/, false)) {
    stream.match(/^(?:::[\w-]+)*/);
    return 'variableName.standard';
  }
  if (ROOTS.has(name) && stream.match(/^\s*[.[]/, false)) {
    return 'variableName.special';
  }
  return TYPES.has(name) && !stream.match(/^\s*[.[]/, false) ? 'variableName.standard' : 'variableName';
}

function sign(stream, state, statement) {
  const next = stream.peek();
  if ('{[('.includes(next)) {
    stream.next();
    open(state, next);
    state.header = false;
    state.statement = next === '{';
    return 'bracket';
  }
  if ('}])'.includes(next) || stream.match(/^~\}/, false)) {
    return closing(stream, state);
  }
  if (stream.match('...')) {
    return 'punctuation';
  }
  if (stream.match(OPERATOR)) {
    return 'operator';
  }
  stream.next();
  if (next === '.') {
    state.dot = true;
  } else if (next === ',') {
    state.statement = holdsStatements(state.context);
  } else {
    state.statement = statement;
    return null;
  }
  return 'punctuation';
}

function closing(stream, state) {
  stream.eat('~');
  const next = stream.next();
  const { kind } = state.context;
  if (CLOSERS[kind] === next) {
    close(state);
    return kind.length > 1 ? 'string.special' : 'bracket';
  }
  return 'bracket'; // nothing of that kind is open: left to Terraform to complain about
}

/** Columns of a new line: one unit for each line that opened something which is still open. */
function indent(state, textAfter, context) {
  let { context: inner } = state;
  if (inner.kind === '/*' || inner.kind === '<<') {
    return null; // text: the writer's own
  }
  for (const character of textAfter.match(/^[}\])]*/)[0]) {
    if (CLOSERS[inner.kind] === character) {
      inner = inner.parent;
    }
  }
  let depth = 0;
  let line = Infinity;
  for (; inner && inner !== TOP; inner = inner.parent) {
    if (inner.kind !== '"' && inner.line < line) {
      depth += 1;
      line = inner.line;
    }
  }
  return depth * context.unit;
}

/** For `StreamLanguage.define`. */
export const hclParser = {
  name: 'hcl',
  startState,
  copyState: state => ({ ...state }),
  token,
  blankLine: startOfLine,
  indent,
  languageData: {
    commentTokens: { line: '#', block: { open: '/*', close: '*/' } },
    closeBrackets: { brackets: ['(', '[', '{', '"'] },
    indentOnInput: /^\s*[}\])]$/
  }
};

/** Whether a cell's text is HCL: its first line with anything in it is the magic, as IPython has it. */
export function isHclCell(text) {
  return MAGIC.test(text.trimStart());
}
