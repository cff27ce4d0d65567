/**
 * What JupyterLab loads first: a module federation container, written by hand.
 *
 * JupyterLab fetches this script, hands `init` the modules that it shares, and asks `get` for what package.json names
 * under `jupyterlab._build`. Everything that we need is shared by JupyterLab, so there is nothing to bundle, and what is
 * served is what was written.
 */
(() => {
  const NAME = 'secrets-lab-hcl';
  let shared;

  /** The one copy of a shared module: of several versions the one in use, else the newest. */
  async function take(name) {
    const versions = shared[name];
    if (!versions) {
      throw new Error(`${NAME}: JupyterLab does not share ${name}.`);
    }
    const newest = Object.keys(versions).sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
    const version = newest.find(key => versions[key].loaded) ?? newest.at(-1);
    versions[version].loaded = 1;
    const factory = await versions[version].get();
    return factory();
  }

  async function extension() {
    const [{ plugin }, language, state, codemirror] = await Promise.all([
      import('./extension.js'),
      take('@codemirror/language'),
      take('@codemirror/state'),
      take('@jupyterlab/codemirror')
    ]);
    const module = { __esModule: true, default: plugin({ language, state, codemirror }) };
    return () => module;
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB[NAME] = {
    init: scope => {
      shared = scope;
    },
    get: module => (module === './extension' ? extension() : Promise.reject(new Error(`${NAME}: no ${module}`)))
  };
})();
