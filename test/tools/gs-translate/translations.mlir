// RUN: gs-translate --mlir-to-llvmir %s | FileCheck %s
// RUN: gs-translate --help | FileCheck %s --check-prefix=HELP
// RUN: not gs-translate --import-onnx %s 2>&1 | FileCheck %s --check-prefix=NOT-ONNX

// The upstream translations are there beside --import-onnx; what the importer leaves on a module does not disturb them.
// CHECK: define void @f(ptr %0)
// HELP-DAG: --import-onnx
// HELP-DAG: --mlir-to-llvmir
// HELP-DAG: --shape=<NAME=1x3x224x224>
// HELP-DAG: --dim=<NAME=SIZE>
// NOT-ONNX: error: not an ONNX model
module attributes {onnx.model_name = "a"} {
  llvm.func @f(%x: !llvm.ptr {onnx.name = "x"}) {
    llvm.return
  }
}
