;; A WASI command that prints how it was called, and then rests for as long as it may.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  ;; 0: what to write, as three pairs of address and length; 24: bytes written; 28, 32: number and size of arguments
  (data (i32.const 0) "\40\00\00\00\0c\00\00\00" "\00\10\00\00\00\00\00\00" "\4c\00\00\00\01\00\00\00")
  (data (i32.const 64) "Wasm module \n")
  ;; 128: a subscription to the monotonic clock (1), an hour from now; 192: the event; 256: number of events
  (data (i32.const 144) "\01\00\00\00")
  (data (i32.const 152) "\00\a0\b8\30\46\03\00\00")

  (func (export "_start")
    (drop (call $args_sizes_get (i32.const 28) (i32.const 32)))
    ;; The first argument is at 4096, the length of all of them without the last one's zero that of the line.
    (drop (call $args_get (i32.const 2048) (i32.const 4096)))
    (i32.store (i32.const 12) (i32.sub (i32.load (i32.const 32)) (i32.const 1)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 3) (i32.const 24)))
    (loop $rest
      (drop (call $poll_oneoff (i32.const 128) (i32.const 192) (i32.const 1) (i32.const 256)))
      (br $rest))))
