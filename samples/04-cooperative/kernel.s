# Cooperative scheduling: three applications that take turns because each of them yields.
#
# There is no timer: an application that never yields would keep the processor for ever.

        .equ    QUANTUM, 0
        .equ    MAX, 3
        .include "../lib/kernel.inc"

        .data
        .balign 4
programs:
        .word   ping.base, ping.length, ping.entry
        .word   pong.base, pong.length, pong.entry
        .word   count.base, count.length, count.entry
        .word   -1

        .application ping, "ping.s"
        .application pong, "pong.s"
        .application count, "count.s"
