//! `bindgen MODULE FOLDER` writes `gate.js`, `gate_bg.js` and `gate_bg.wasm` to the folder.

use std::env;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let [module, folder] = env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| anyhow::anyhow!("usage: bindgen MODULE FOLDER"))?;
    Bindgen::new()
        .input_path(module)
        .out_name("gate")
        .bundler(true)?
        .typescript(false)
        .generate(folder)
}
