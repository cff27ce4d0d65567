/**
 * The plugin: HCL for `.tf` files, for fenced blocks in Markdown, and for notebook cells that begin with `%%hcl`.
 *
 * The modules it is given are JupyterLab's own copies (see remoteEntry.js): a second copy of CodeMirror's state would
 * not know the first one's editors.
 */

import { hclParser, isHclCell } from './hcl.js';

const ID = 'secrets-lab-hcl:plugin';
/** Of a cell's text: enough for the magic's line behind a few blank ones; so a keystroke costs the same in any cell. */
const HEAD = 200;

/** @param modules `{ language, state, codemirror }`: the shared modules of these names. */
export function plugin({ language, state, codemirror }) {
  const hcl = language.StreamLanguage.define(hclParser);
  // Two spaces are Terraform's own style; JupyterLab's setting is for the kernel's language.
  const support = new language.LanguageSupport(hcl, [state.Prec.highest(language.indentUnit.of('  '))]);
  return {
    id: ID,
    description: 'Colours Terraform in .tf files and in %%hcl cells.',
    autoStart: true,
    requires: [codemirror.IEditorLanguageRegistry, codemirror.IEditorExtensionRegistry],
    activate: (app, languages, extensions) => {
      languages.addLanguage({
        name: 'HCL',
        displayName: 'HCL (Terraform)',
        alias: ['terraform', 'tf'],
        mime: ['text/x-hcl', 'text/x-terraform'],
        extensions: ['tf', 'tfvars', 'hcl'],
        support
      });
      extensions.addExtension({
        name: ID,
        factory: ({ model }) =>
          codemirror.EditorExtensionRegistry.createImmutableExtension(
            model.type === 'code' ? cellLanguage({ state, support }, model.sharedModel.getSource()) : []
          )
      });
    }
  };
}

/**
 * An editor extension that puts HCL in the place of the kernel's language as long as the text begins with the magic.
 *
 * The cell's language really changes (indentation, comments, brackets), not only its colours. The decision is made with the
 * very transaction that brings the first line in, from a few hundred characters; other cells are left as they are.
 */
function cellLanguage({ state, support }, source) {
  const place = new state.Compartment();
  const content = isHcl => (isHcl ? state.Prec.highest(support) : []);
  return [
    place.of(content(isHclCell(source.slice(0, HEAD)))),
    state.EditorState.transactionExtender.of(transaction => {
      if (!transaction.docChanged) {
        return null;
      }
      const now = isHclCell(transaction.newDoc.sliceString(0, HEAD));
      const before = isHclCell(transaction.startState.doc.sliceString(0, HEAD));
      return now === before ? null : { effects: place.reconfigure(content(now)) };
    })
  ];
}
