int a1; int a2[10]; static int a3; static char a4[33]; char a5; short a6; long long a7; static long long a8; struct{char x[5];}a9; int a10 __attribute__((aligned(32))); static long long a11; char a12[3];
int sum(void){a3++;a4[3]=2;a8+=1;a11++;return a1+a2[3]+a3+a4[3]+a5+a6+(int)a7+(int)a8+a9.x[1]+a10+(int)a11+a12[0];}
