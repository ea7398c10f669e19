// The long room of the Saltmarket library.
#include "common.inc"
camera { location <-1.2, 1.75, -9.5> look_at <0.5, 2.2, 10> right x * 1.5 angle 62 }
Sky(<0.8, 0.85, 0.9>, <0.7, 0.8, 0.9>, <0.5, 0.65, 0.85>)
#declare R = seed(1871);
#declare Oak = texture { pigment { wood turbulence 0.06 color_map { [0 rgb <0.24, 0.12, 0.05>] [1 rgb <0.34, 0.19, 0.085>] } scale <0.06, 0.06, 0.5> rotate x * 86 } finish { diffuse 0.75 specular 0.2 roughness 0.04 } }
#declare Floor = texture { pigment { wood turbulence 0.04 color_map { [0 rgb <0.2, 0.115, 0.06>] [1 rgb <0.3, 0.18, 0.1>] } scale <0.08, 0.05, 1> } finish { diffuse 0.6 specular 0.25 roughness 0.03 reflection { 0.02, 0.35 fresnel on } conserve_energy } normal { gradient x 0.06 slope_map { [0 <0, 1>] [0.04 <1, 0>] [0.96 <1, 0>] [1 <0, -1>] } scale 0.32 } }
plane { y, 0 texture { Floor } interior { ior 1.5 } }
// A case of books, Bays wide along x, six shelves high, its face towards -z.
#macro Case(Bays)
	union {
		box { <-0.06, 0, 0.36>, <Bays * 1.06, 3, 0.4> }
		box { <-0.06, 2.96, -0.04>, <Bays * 1.06, 3.1, 0.4> }
		box { <-0.06, 0, 0>, <Bays * 1.06, 0.14, 0.4> }
		#for (B, 0, Bays) box { <B * 1.06 - 0.06, 0, 0>, <B * 1.06, 3, 0.4> } #end
		#for (S, 0, 6) box { <0, 0.12 + S * 0.47, 0.02>, <Bays * 1.06, 0.15 + S * 0.47, 0.38> } #end
		texture { Oak }
	}
	union {
		#for (B, 0, Bays - 1) #for (S, 0, 5)
			#local X = B * 1.06 + 0.01;
			#local Stop = B * 1.06 + 0.98 - (rand(R) < 0.3 ? rand(R) * 0.4 : 0);
			#while (X < Stop)
				#local Thick = 0.018 + rand(R) * rand(R) * 0.06;
				#local Tall = 0.22 + rand(R) * 0.16;
				#local Pick = rand(R);
				#if (Pick < 0.25) #local Cloth = <0.3, 0.07, 0.05>; #elseif (Pick < 0.42) #local Cloth = <0.05, 0.12, 0.2>;
				#elseif (Pick < 0.57) #local Cloth = <0.08, 0.17, 0.12>; #elseif (Pick < 0.72) #local Cloth = <0.5, 0.4, 0.24>;
				#elseif (Pick < 0.86) #local Cloth = <0.22, 0.13, 0.07>; #else #local Cloth = <0.6, 0.56, 0.48>; #end
				box { <X, 0.15 + S * 0.47, 0.06 + rand(R) * 0.03>, <X + Thick, 0.15 + S * 0.47 + Tall, 0.3>
					texture { pigment { rgb Cloth * (0.6 + rand(R) * 0.7) } finish { diffuse 0.8 specular 0.15 } } }
				#if (rand(R) < 0.4) box { <X + 0.002, 0.15 + S * 0.47 + Tall * 0.7, 0.055>, <X + Thick - 0.002, 0.15 + S * 0.47 + Tall * 0.8, 0.1> Paint(<0.6, 0.45, 0.16>) } #end
				#local X = X + Thick + 0.002;
			#end
		#end #end
	}
#end
#declare Bank = union { Case(2) }
#for (Z, -8, 20, 4)
	union { Case(2) rotate y * 0 translate <2.2, 0, Z> }
	union { Case(2) rotate y * 0 translate <-4.4, 0, Z> }
	object { Bank rotate y * 180 translate <4.3, 0, Z + 0.8> }
#end
union { Case(28) rotate y * 90 translate <4.6, 0, 22> }
union { Case(28) rotate y * -90 translate <-4.6, 0, -8> }
// Gallery above, with its own books; vault; window at the end.
#for (S, -1, 1, 2)
	box { <S * 3.6, 3.2, -10>, <S * 6, 3.42, 24> texture { Oak } }
	#for (Z, -9.6, 24, 0.24) cylinder { <S * 3.66, 3.42, Z>, <S * 3.66, 4.3, Z>, 0.022 Paint(<0.06, 0.05, 0.05>) } #end
	box { <S * 3.6, 4.3, -10>, <S * 3.72, 4.38, 24> texture { Oak } }
	#for (Z, -8, 24, 4)
		cylinder { <S * 3.75, 0, Z>, <S * 3.75, 7, Z>, 0.13 Paint(<0.72, 0.68, 0.6>) }
		torus { 0.15, 0.05 translate <S * 3.75, 3.1, Z> Paint(<0.6, 0.45, 0.2>) }
	#end
#end
union { Case(28) rotate y * 90 translate <5.4, 3.4, 22> }
union { Case(28) rotate y * -90 translate <-5.4, 3.4, -8> }
difference {
	cylinder { <0, 6.4, -12>, <0, 6.4, 26>, 6.4 }
	cylinder { <0, 6.4, -13>, <0, 6.4, 27>, 5.7 }
	plane { y, 6.4 }
	#for (Z, -6, 22, 8) box { <-1.6, 10, Z>, <1.6, 14, Z + 4> } #end
	Paint(<0.66, 0.62, 0.55>)
}
#for (Z, -8, 24, 4) torus { 5.7, 0.16 rotate x * 90 clipped_by { plane { -y, 0 } } translate <0, 6.4, Z> Paint(<0.5, 0.4, 0.26>) } #end
#for (S, -1, 1, 2) box { <S * 5.9, 0, -12>, <S * 6.4, 7, 26> Paint(<0.6, 0.56, 0.5>) } #end
difference {
	box { <-6.4, 0, 24.5>, <6.4, 13, 25> }
	cylinder { <0, 7.4, 24>, <0, 7.4, 26>, 2.6 }
	box { <-2.6, 3, 24>, <2.6, 7.4, 26> }
	Paint(<0.6, 0.56, 0.5>)
}
#for (X, -2.6, 2.6, 0.87) box { <X - 0.04, 3, 24.6>, <X + 0.04, 10, 24.7> Paint(0.1) } #end
#for (Y, 3.9, 9, 0.95) box { <-2.6, Y - 0.03, 24.6>, <2.6, Y + 0.03, 24.7> Paint(0.1) } #end
box { <-4, 2, 27>, <4, 12, 27.1> Glow(<1.5, 1.45, 1.3>) }
// A long table with green lamps.
#for (Z, -4, 14, 6)
	box { <-1.0, 0.72, Z>, <1.4, 0.78, Z + 4> texture { Oak } }
	#for (X, -0.9, 1.3, 2.1) #for (D, 0.15, 3.85, 3.7) box { <X - 0.05, 0, Z + D - 0.05>, <X + 0.05, 0.73, Z + D + 0.05> texture { Oak } } #end #end
	#for (D, 0.8, 3.2, 2.4)
		cylinder { <0.2, 0.78, Z + D>, <0.2, 1.14, Z + D>, 0.02 Paint(<0.6, 0.45, 0.16>) }
		cylinder { <0.2, 0.78, Z + D>, <0.2, 0.8, Z + D>, 0.1 Paint(<0.6, 0.45, 0.16>) }
		difference { sphere { 0, 0.2 scale <0.7, 0.6, 1.3> } plane { y, 0 } translate <0.2, 1.13, Z + D> texture { pigment { rgb <0.03, 0.3, 0.16> } finish { emission 0.35 specular 0.6 roughness 0.01 } } no_shadow }
		light_source { <0.2, 1.1, Z + D> color rgb <0.5, 0.36, 0.18> fade_distance 0.9 fade_power 2 shadowless }
		box { <-0.6, 0.78, Z + D - 0.1>, <-0.35, 0.84, Z + D + 0.1> Paint(<0.3, 0.07, 0.05>) }
		box { <0.7, 0.78, Z + D - 0.16>, <1.1, 0.795, Z + D + 0.14> Paint(<0.8, 0.76, 0.66>) }
	#end
#end
light_source { <0, 8, 23> color rgb <0.75, 0.72, 0.64> area_light <3, 0, 0>, <0, 3, 0>, 3, 3 adaptive 1 jitter }
#for (Z, -4, 20, 8) light_source { <0, 10.5, Z> color rgb <0.24, 0.25, 0.27> } #end
light_source { <-1, 3, -9> color rgb <0.16, 0.13, 0.1> shadowless }
