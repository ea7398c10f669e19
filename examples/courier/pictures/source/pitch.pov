// Tannery Road under its lights, from the back of the East Stand, half an hour before kick-off.
#include "common.inc"
camera { location <-14, 7.5, -42> look_at <2, 7.5, 10> right x * 1.5 angle 68 }
Sky(<0.055, 0.06, 0.11>, <0.03, 0.035, 0.075>, <0.008, 0.01, 0.03>)
// The pitch, mown in bands.
plane { y, 0 Paint(<0.05, 0.055, 0.06>) }
fog { fog_type 1 distance 700 color rgb <0.04, 0.045, 0.075> }
box { <-60, -1, -40>, <60, 0.02, 40>
	texture {
		pigment { gradient x color_map { [0.5 rgb <0.06, 0.24, 0.06>] [0.5 rgb <0.085, 0.31, 0.075>] } scale 13.2 }
		normal { granite 0.35 scale 0.7 }
	} }
#declare Chalk = texture { pigment { rgb 0.95 } finish { diffuse 0.9 emission 0.1 } }
#macro Line(X1, Z1, X2, Z2) box { <min(X1, X2) - 0.09, 0.02, min(Z1, Z2) - 0.09>, <max(X1, X2) + 0.09, 0.05, max(Z1, Z2) + 0.09> } #end
union {
	Line(-52, -34, 52, -34) Line(-52, 34, 52, 34) Line(-52, -34, -52, 34) Line(52, -34, 52, 34) Line(0, -34, 0, 34)
	torus { 9.15, 0.09 translate y * 0.03 }
	#for (S, -1, 1, 2)
		Line(S * 52, -20, S * 36, -20) Line(S * 52, 20, S * 36, 20) Line(S * 36, -20, S * 36, 20)
		Line(S * 52, -9, S * 47, -9) Line(S * 52, 9, S * 47, 9) Line(S * 47, -9, S * 47, 9)
		cylinder { <S * 52, 0, -3.66>, <S * 52, 2.44, -3.66>, 0.08 }
		cylinder { <S * 52, 0, 3.66>, <S * 52, 2.44, 3.66>, 0.08 }
		cylinder { <S * 52, 2.44, -3.66>, <S * 52, 2.44, 3.66>, 0.08 }
		#for (I, 0, 18) cylinder { <S * 52.1, 2.44, -3.66 + I * 0.406>, <S * 54, 0, -3.66 + I * 0.406>, 0.015 } #end
		#for (I, 0, 6) cylinder { <S * (52.1 + I * 0.3), 2.44 - I * 0.4, -3.66>, <S * (52.1 + I * 0.3), 2.44 - I * 0.4, 3.66>, 0.015 } #end
	#end
	texture { Chalk }
}
// Stands: opposite, and at both ends, with people in them.
#declare R = seed(1908);
#macro Person(Colour)
	union {
		box { <-0.24, 0, -0.15>, <0.24, 0.75, 0.15> Paint(Colour) }
		sphere { <0, 0.95, 0>, 0.16 Paint(<0.55, 0.36, 0.26> * (0.4 + rand(R) * 0.9)) }
	}
#end
#macro Stand(Long, Rows, Full)
	union {
		#for (Row, 0, Rows - 1)
			box { <-Long, 0, Row * 0.9>, <Long, 1.2 + Row * 0.5, Row * 0.9 + 0.9> Paint(<0.16, 0.17, 0.19>) }
			#for (Seat, 0, int(Long * 2 / 0.72))
				#if (rand(R) < Full)
					#local Pick = rand(R);
					#if (Pick < 0.3) #local Coat = <0.62, 0.42, 0.04>;
					#elseif (Pick < 0.5) #local Coat = <0.03, 0.05, 0.14>;
					#elseif (Pick < 0.62) #local Coat = <0.5, 0.07, 0.05>;
					#else #local Coat = <0.14, 0.15, 0.17> * (0.4 + rand(R) * 2); #end
					object { Person(Coat)
						translate <-Long + Seat * 0.72 + rand(R) * 0.2, 1.2 + Row * 0.5, Row * 0.9 + 0.4> }
				#end
			#end
		#end
		box { <-Long - 0.5, 0, -0.4>, <Long + 0.5, 1.1, -0.2> Paint(<0.55, 0.36, 0.03>) }
		box { <-Long - 1, 0, Rows * 0.9>, <Long + 1, Rows * 0.5 + 7, Rows * 0.9 + 0.6> Paint(<0.1, 0.11, 0.13>) }
		box { <-Long - 1, 0, 0>, <Long + 1, 0.35, Rows * 0.9 + 2> rotate x * -4 translate y * (Rows * 0.5 + 5.5) Paint(<0.22, 0.24, 0.27>) }
		#for (X, -Long, Long, 12) cylinder { <X, 0, 1.5>, <X, Rows * 0.5 + 5.6, 1.5>, 0.16 Paint(<0.6, 0.62, 0.64>) } #end
	}
#end
object { Stand(48, 16, 0.72) translate <0, 0, 41> }
object { Stand(30, 12, 0.6) rotate y * 90 translate <59, 0, 0> }
object { Stand(30, 12, 0.6) rotate y * -90 translate <-59, 0, 0> }
// Four masts, each with its bank of lamps, its glare and its light.
#macro Mast(X, Z)
	cylinder { <X, 0, Z>, <X, 41, Z>, 0.5 Paint(<0.3, 0.32, 0.35>) }
	#for (I, 0, 4) #for (J, 0, 2)
		sphere { <X + (I - 2) * 1.7, 39 + J * 1.7, Z - 0.7>, 0.68 Glow(<9, 9.4, 10>) no_shadow }
	#end #end
	box { <X - 4.6, 37.8, Z>, <X + 4.6, 43.8, Z + 0.3> Paint(<0.12, 0.13, 0.15>) no_shadow }
	sphere { 0, 13 hollow pigment { rgbt 1 } no_shadow
		interior { media { emission <0.05, 0.055, 0.065> density { spherical scale 13 color_map { [0 rgb 0] [0.6 rgb 0.12] [1 rgb 1.2] } } samples 8 } } translate <X, 40.5, Z - 1> }
	light_source { <X, 40.5, Z - 2> color rgb <0.75, 0.8, 0.88> spotlight point_at <X * 0.25, 0, Z * 0.2> radius 32 falloff 62 }
#end
Mast(-44, 64) Mast(46, 64)
light_source { <-62, 40, -70> color rgb <0.75, 0.79, 0.86> }
light_source { <62, 40, -70> color rgb <0.75, 0.79, 0.86> }
// Players warming up, and the ball.
#declare Places = array[16] { <-30, 6>, <-34, -18>, <-18, 12>, <-12, -14>, <-6, 20>, <-6, -15>, <4, 3>, <9, -9>, <14, 16>, <17, -20>, <26, 2>, <31, -12>, <37, 10>, <44, -3>, <-40, -8>, <-44, 14> };
#for (I, 0, 15)
	union {
		cylinder { <-0.12, 0, 0>, <-0.1, 0.9, 0.25>, 0.1 Paint(<0.5, 0.33, 0.24>) }
		cylinder { <0.14, 0, 0.1>, <0.1, 0.9, 0>, 0.1 Paint(<0.3, 0.2, 0.14>) }
		box { <-0.24, 0.75, -0.14>, <0.24, 1.05, 0.14> Paint(<0.02, 0.03, 0.1>) }
		box { <-0.27, 1, -0.15>, <0.27, 1.6, 0.15> #if (mod(I, 2)) Paint(<0.85, 0.55, 0.04>) #else Paint(<0.75, 0.77, 0.8>) #end }
		sphere { <0, 1.78, 0>, 0.15 Paint(<0.4, 0.27, 0.2>) }
		cylinder { <-0.3, 1.55, 0>, <-0.5, 1.05, 0.15>, 0.08 Paint(<0.5, 0.33, 0.24>) }
		cylinder { <0.3, 1.55, 0>, <0.52, 1.1, -0.1>, 0.08 Paint(<0.5, 0.33, 0.24>) }
		scale 1.1 rotate y * I * 77 translate <Places[I].u, 0.02, Places[I].v>
	}
#end
sphere { <1.5, 0.3, -6>, 0.26 Paint(0.95) }
