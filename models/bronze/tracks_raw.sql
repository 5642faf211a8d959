with

landed as (

    select * from {{ source('music_api', 'tracks') }}

)

select * from landed
