//! A containerd shim that runs WASI preview 1 modules.

use anyhow::Result;
use containerd_shim_wasm::sandbox::Sandbox;
use containerd_shim_wasm::sandbox::context::RuntimeContext;
use containerd_shim_wasm::shim::{Cli, Shim, Version, version};
use wasi_common::I32Exit;
use wasi_common::sync::{WasiCtxBuilder, add_to_linker};
use wasmtime::{Engine, Linker, Module, Store};

struct WasiShim;

impl Shim for WasiShim {
    type Sandbox = Wasi;

    fn name() -> &'static str {
        "e2e"
    }

    fn version() -> Version {
        version!()
    }
}

#[derive(Clone, Default)]
struct Wasi;

impl Sandbox for Wasi {
    /// Runs in the container's process; its standard streams are the container's.
    async fn run_wasi(&self, context: &impl RuntimeContext) -> Result<i32> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.inherit_stdio().args(context.args())?;
        for variable in context.envs() {
            let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
            wasi.env(name, value)?;
        }

        let entrypoint = context.entrypoint();
        let engine = Engine::default();
        let module = Module::new(&engine, entrypoint.source.as_bytes()?)?;
        let mut linker = Linker::new(&engine);
        add_to_linker(&mut linker, |wasi| wasi)?;
        let mut store = Store::new(&engine, wasi.build());
        let started = linker
            .instantiate(&mut store, &module)?
            .get_typed_func::<(), ()>(&mut store, &entrypoint.func)?
            .call(&mut store, ());
        match started {
            Ok(()) => Ok(0),
            Err(error) => match error.downcast::<I32Exit>() {
                Ok(I32Exit(code)) => Ok(code),
                Err(error) => Err(error.into()),
            },
        }
    }
}

fn main() {
    WasiShim::run(None);
}
