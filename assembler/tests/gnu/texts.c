/* wide strings, utf-8, merged strings, escapes, compound literals, designated init, bitfields, unions, flexible arrays */
#include <stddef.h>
const wchar_t *w=L"wide string"; const wchar_t wa[]=L"wide string"; const char*s1="string",*s2="another string",*s3="ing"; const char u8[]="héllo \342\202\254 \x01\x02\n\r\t\b\f\v\a\0end\177\200"; const unsigned short c16[]=u"sixteen"; const unsigned *c32=U"thirtytwo";
struct B{unsigned a:3,b:7;int c:11;unsigned long long d:40;}; struct B bf={5,100,-3,0x123456789aull}; union U{int i;float f;char c[8];}; union U un={.f=1.5f};
struct F{int n;short v[];}; struct F fl={3,{1,2,3}}; int arr[20]={[3]=4,[10 ... 12]=9,[19]=-1}; int *cl=(int[]){1,2,3}; struct{struct{int a,b;}p[2];char*n;}nest={{{1,2},{.b=4}},"nest"};
int bfs(struct B*b){b->c+=b->a;b->d++;return b->b;} const char*pick(int i){return i?"yes":"no";} _Bool bo(int x){return x;}
