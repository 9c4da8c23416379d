# Preemptive scheduling: the interval timer takes the processor away from applications that never yield.
#
# T counts instructions that retire, so that where each quantum ends is the same in every run, bare or virtual.

        .equ    QUANTUM, 57
        .equ    MAX, 2
        .include "../lib/kernel.inc"

        .data
        .balign 4
programs:
        .word   a.base, a.length, a.entry
        .word   b.base, b.length, b.entry
        .word   -1

        .application a, "busy.s"
        .application b, "busier.s"
