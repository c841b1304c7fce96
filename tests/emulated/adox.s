# BX_CPU_C::ADOX_GqEqR(bxInstruction_c*) of Bochs 2.7 as Debian builds it, with the carry in OF: the bytes ADOX_RIGHT of
# run_in_emulator.py.     as adox.s -o adox.o && objcopy -O binary -j .text adox.o adox.bin && xxd -p adox.bin
#
# rdi: the CPU, registers at 0x58, lazy flags at 0x108 (bit 31: CF, bit 30: CF xor OF). rsi: the instruction, numbers of
# its destination and source at 0x24 and 0x25.
 movzbl 0x24(%rsi),%r9d
 movzbl 0x25(%rsi),%edx
 mov 0x58(%rdi,%rdx,8),%r8
 mov 0x58(%rdi,%r9,8),%rax
 mov 0x108(%rdi),%ecx
 lea 0x40000000(%rcx),%edx
 bt $31,%edx
 adc %r8,%rax
 setc %dl
 mov %rax,0x58(%rdi,%r9,8)
 movzbl %dl,%edx
 mov %ecx,%esi
 shr $31,%esi
 xor %esi,%edx
 shl $30,%edx
 and $0xbfffffff,%ecx
 or %edx,%ecx
 mov %rcx,0x108(%rdi)
 ret
