# Five mistakes in one file: each is one message.
_start: la      sp, stak
        li      a0, 0x1ffffffff
        sw      a0, 2048(sp)
        bne     a0, zero
        halt    now
        .bss
stack:  .space  64
