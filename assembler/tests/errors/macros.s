# The chain of macros and includes.
        .macro  inner reg, value
        addi    \reg, \reg, \value
        .endm
        .macro  outer reg
        inner   \reg, 5000
        .endm
        outer   a0
        inner   a0
        inner   a0, 1, 2
        .include "broken.inc"
        .irp    reg, a0, b0
        mv      \reg, zero
        .endr
        .endif
        .if     1
